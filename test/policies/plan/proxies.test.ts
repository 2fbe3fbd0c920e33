import { describe, expect, it } from "vitest";
import type { PlanResource } from "../../../policies/plan/plan";
import { UNKNOWN } from "../../../policies/plan/plan";
import { readStack } from "../../../policies/plan/stack";
import { DATABASE, resource, samplePlan, urn } from "../samplePlan";
import { PROXY, PROXY_POOL, proxyResources } from "../sampleProxy";

function only(extra: readonly PlanResource[]) {
  const [proxy, ...others] = readStack(samplePlan({ extra })).proxies;
  if (!proxy || others.length > 0) throw new Error("one proxy was expected");
  return proxy;
}

describe("an RDS Proxy", () => {
  it("is read with its target group and the database it is registered with", () => {
    const proxy = only(proxyResources({ pool: { maxConnectionsPercent: "60" } }));
    expect(proxy.resource.urn).toBe(PROXY);
    expect(proxy.targetGroup?.urn).toBe(PROXY_POOL);
    expect(proxy.database).toEqual({ state: "known", value: DATABASE });
    expect(proxy.maxConnectionsPercent).toEqual({ state: "known", value: 60 });
    expect(proxy.borrowTimeoutSeconds).toEqual({ state: "known", value: 2 });
    expect(proxy.requireTls).toEqual({ state: "known", value: true });
  });

  it("has AWS's own defaults where the program is silent, and says so", () => {
    const assumed = "RDS Proxy's default";
    for (const pool of [undefined, "left to AWS"]) {
      const resources = proxyResources({
        pool: undefined,
        proxy: { requireTls: UNKNOWN, idleClientTimeout: UNKNOWN },
      });
      const group = resource(
        "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
        "proxy-pool",
        { dbProxyName: "proxy-1234567", connectionPoolConfig: UNKNOWN },
        { dbProxyName: [PROXY] },
      );
      const proxy = only(pool === undefined ? resources : [...resources, group]);
      expect(proxy.maxConnectionsPercent).toEqual({ state: "known", value: 100, assumed });
      expect(proxy.maxIdleConnectionsPercent).toEqual({ state: "known", value: 50, assumed });
      expect(proxy.borrowTimeoutSeconds).toEqual({ state: "known", value: 120, assumed });
      expect(proxy.idleClientSeconds).toEqual({ state: "known", value: 1800, assumed });
      expect(proxy.requireTls).toEqual({ state: "known", value: false, assumed });
    }
  });

  it("keeps half of its share idle where only the share is set", () => {
    const pool = {
      maxConnectionsPercent: 70,
      maxIdleConnectionsPercent: null,
      connectionBorrowTimeout: null,
    };
    expect(only(proxyResources({ pool })).maxIdleConnectionsPercent).toMatchObject({ value: 35 });
  });

  it("hides a share that the program makes from something else", () => {
    const hidden = resource(
      "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
      "proxy-pool",
      { dbProxyName: "proxy-1234567", connectionPoolConfig: UNKNOWN },
      { dbProxyName: [PROXY], connectionPoolConfig: [DATABASE] },
    );
    const resources = [...proxyResources({ pool: undefined }), hidden];
    expect(only(resources).maxConnectionsPercent.state).toBe("unknown");
  });

  it("is found by known names as well as by dependencies", () => {
    const resources = proxyResources().map((each) => ({ ...each, propertyDependencies: {} }));
    expect(only(resources).database).toEqual({ state: "known", value: DATABASE });
    expect(only(resources).targetGroup?.urn).toBe(PROXY_POOL);
  });

  it("is registered through its target group where the target takes its names from there", () => {
    const resources = proxyResources().map((each) =>
      each.name === "proxy-target"
        ? resource(
            each.type,
            each.name,
            { dbProxyName: UNKNOWN, targetGroupName: UNKNOWN, dbInstanceIdentifier: UNKNOWN },
            { dbProxyName: [PROXY_POOL], targetGroupName: [PROXY_POOL], dbInstanceIdentifier: [DATABASE] },
          )
        : each,
    );
    expect(only(resources).database).toEqual({ state: "known", value: DATABASE });
  });

  it("stands before a cluster when its target is one", () => {
    const CLUSTER = urn("aws:rds/cluster:Cluster", "orders");
    const cluster = resource("aws:rds/cluster:Cluster", "orders", { clusterIdentifier: "orders" });
    const resources = proxyResources().map((each) =>
      each.name === "proxy-target"
        ? resource(each.type, each.name, { dbProxyName: "proxy-1234567", dbClusterIdentifier: "orders" })
        : each,
    );
    expect(only([...resources, cluster]).database).toEqual({ state: "known", value: CLUSTER });
  });

  it("has a database that is not known where its target names another stack's, and none without a target", () => {
    const foreign = proxyResources().map((each) =>
      each.name === "proxy-target"
        ? resource(each.type, each.name, { dbProxyName: "proxy-1234567", dbInstanceIdentifier: "elsewhere" })
        : each,
    );
    expect(only(foreign).database.state).toBe("unknown");
    expect(only(proxyResources().filter(({ name }) => name !== "proxy-target")).database.state).toBe("unset");
  });
});
