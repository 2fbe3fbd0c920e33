export { closest } from "../model/nearestName";
