import { poolproof } from "../../../policies/command/commandLine";

const none = async () => 0;

/** The help of each command of poolproof, by its name. */
export const COMMANDS: ReadonlyMap<string, string> = new Map(
  poolproof(
    { check: none, analyze: none, explain: none, init: none, answers: none },
    "0",
    () => {},
  ).commands.map((command) => [command.name(), command.helpInformation()]),
);
