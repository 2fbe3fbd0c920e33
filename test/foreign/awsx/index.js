// @pulumi/awsx as its SDK for Node.js is: classes that only register a component, whose code is in a plugin of the engine's.
const pulumi = require("@pulumi/pulumi");

const component = (type, outputs) =>
  class extends pulumi.ComponentResource {
    constructor(name, args = {}, opts = {}) {
      super(type, name, { ...args, ...Object.fromEntries(outputs.map((output) => [output, undefined])) }, opts, true);
    }
  };

module.exports = {
  ec2: { Vpc: component("awsx:ec2:Vpc", ["vpcId", "privateSubnetIds", "publicSubnetIds"]) },
  lb: {
    ApplicationLoadBalancer: component("awsx:lb:ApplicationLoadBalancer", ["defaultTargetGroup", "loadBalancer"]),
  },
  ecr: {
    Repository: component("awsx:ecr:Repository", ["url"]),
    Image: component("awsx:ecr:Image", ["imageUri"]),
  },
  ecs: {
    FargateService: component("awsx:ecs:FargateService", ["service", "taskDefinition"]),
    EC2Service: component("awsx:ecs:EC2Service", ["service", "taskDefinition"]),
  },
};
