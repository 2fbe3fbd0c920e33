import type { PoolProfile } from "../library";
import { goDatabaseSql } from "./goDatabaseSql";
import { hikaricp } from "./hikaricp";
import { mysql2 } from "./mysql2";
import { nodePostgres } from "./nodePostgres";
import { prisma } from "./prisma";
import { sqlalchemy } from "./sqlalchemy";

export type {
  PoolProfile,
  PoolSetting,
  PoolSettings,
  Protocol,
  SettingReading,
  SettingSource,
  TimeNotation,
} from "../library";

/** Pool libraries, by the value of the tag `poolproof:pool-library`. */
export const POOL_PROFILES: ReadonlyMap<string, PoolProfile> = new Map(
  [nodePostgres, mysql2, hikaricp, sqlalchemy, goDatabaseSql, prisma].map((profile) => [
    profile.library,
    profile,
  ]),
);
