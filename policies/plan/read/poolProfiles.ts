import { goDatabaseSql } from "./poolProfiles/goDatabaseSql";
import { hikaricp } from "./poolProfiles/hikaricp";
import { mysql2 } from "./poolProfiles/mysql2";
import { nodePostgres } from "./poolProfiles/nodePostgres";
import { prisma } from "./poolProfiles/prisma";
import { sqlalchemy } from "./poolProfiles/sqlalchemy";
import type { PoolProfile } from "./poolProfiles/types";

export type {
  PoolProfile,
  PoolSetting,
  PoolSettings,
  Protocol,
  SettingReading,
  SettingSource,
  TimeNotation,
} from "./poolProfiles/types";

/** Pool libraries, by the value of the tag `poolproof:pool-library`. */
export const POOL_PROFILES: ReadonlyMap<string, PoolProfile> = new Map(
  [nodePostgres, mysql2, hikaricp, sqlalchemy, goDatabaseSql, prisma].map((profile) => [
    profile.library,
    profile,
  ]),
);
