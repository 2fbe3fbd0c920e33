// `npm run pictures` draws the documents' pictures from the model; a test holds the files equal to what it draws.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawSafeWindow } from "./safeWindow";

writeFileSync(join(__dirname, "safe-window.svg"), drawSafeWindow());
