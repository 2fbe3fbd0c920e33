import { SNS_TOPIC } from "./nameRules";
import { type ServiceSemantics, words } from "./types";

/** Notification topics. */
export const sns: ServiceSemantics = {
  "aws:sns/topic:Topic": {
    required: [],
    autoName: { property: "name", separator: "-", maxLength: 80, unless: "namePrefix", rule: SNS_TOPIC },
    defaults: { contentBasedDeduplication: false, fifoTopic: false },
    computed: words("arn beginningArchiveTime owner tagsAll"),
    computedUnlessSet: words(`
      fifoThroughputScope namePrefix policy region signatureVersion tracingConfig
    `),
  },
  "aws:sns/topicPolicy:TopicPolicy": {
    required: words("arn policy"),
    documents: words("policy"),
    computed: words("owner"),
    computedUnlessSet: words("region"),
  },
  "aws:sns/topicSubscription:TopicSubscription": {
    required: words("endpoint protocol topic"),
    defaults: { confirmationTimeoutInMinutes: 1, endpointAutoConfirms: false, rawMessageDelivery: false },
    computed: words("arn confirmationWasAuthenticated ownerId pendingConfirmation"),
    computedUnlessSet: words("filterPolicyScope region"),
  },
};
