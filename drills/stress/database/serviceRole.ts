/** Role the service logs in as; its migrations create it (`service/migrations`). */
export const SERVICE_ROLE = "auth_app";
