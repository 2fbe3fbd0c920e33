import { type Options, parseCommandLine } from "../../../../drills/stress/commandLine";

/** What a command line of these words asks for. */
export function optionsOf(words = ""): Options {
  const options = parseCommandLine(["small", ...words.split(" ").filter((word) => word !== "")]);
  if (options === "help") throw new Error("the words ask for help");
  return options;
}
