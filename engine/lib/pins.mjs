// @ts-check

/** The oldest Node.js that the program, the pack and the tests run on. */
export const minimumNode = "20.19.0";

/** The oldest engine that speaks to policy packs through the language host and takes `--config-file` everywhere. */
export const minimumEngine = "3.240.0";

/** The engine that is downloaded or built where none is installed; the same as in engine/build/go.mod. */
export const pinnedEngine = "3.276.0";

export const installLink = "https://www.pulumi.com/docs/install/";
