export { InputError, messageOf } from "../kit/errors";
export { closest } from "../kit/text";
