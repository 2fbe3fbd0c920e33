import { type Options, parseCommandLine } from "../../../../drills/stress/commandLine";

/** What a command line of these words asks for. */
export const optionsOf = (words = ""): Options =>
  parseCommandLine(["small", ...words.split(" ").filter((word) => word !== "")]);
