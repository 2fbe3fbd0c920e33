/** Port of PostgreSQL. */
export const DATABASE_PORT = 5432;

/** The one database in the instance. */
export const DATABASE_NAME = "auth";

/** The role the service logs in as, with an IAM token per connection. A migration creates it. */
export const DATABASE_ROLE = "auth_app";
