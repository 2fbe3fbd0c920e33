export { closest, editDistance } from "../kit/text";
