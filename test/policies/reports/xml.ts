/** An element of an XML document, with its text. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: { readonly [name: string]: string };
  readonly children: XmlElement[];
  text: string;
}

const NAME = "[A-Za-z_][\\w.-]*";
const TOKEN = new RegExp(
  `<(?<close>/)?(?<name>${NAME})(?<attributes>(?:\\s+${NAME}="[^"<]*")*)\\s*(?<empty>/)?>|(?<text>[^<]+)`,
  "uy",
);

/**
 * Reads the part of XML 1.0 that a JUnit report needs: elements, attributes, text, numeric references. It takes nothing
 * that is not well-formed (W3C XML 1.0, sections 2.2, 2.4, 3.1), so it stands for the parser of a build server.
 * @throws Error at the first character that a parser would refuse.
 */
export function parseXml(document: string): XmlElement {
  const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.exec(document);
  if (forbidden) throw new Error(`character ${forbidden[0].charCodeAt(0)} is not allowed in XML`);
  const body = document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/, "");
  const top: XmlElement = { name: "", attributes: {}, children: [], text: "" };
  const open = [top];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < body.length) {
    const at = TOKEN.lastIndex;
    const { groups } = TOKEN.exec(body) ?? {};
    const parent = open.at(-1);
    if (!groups || !parent) throw new Error(`not well-formed at: ${body.slice(at, at + 60)}`);
    const { close, name = "", attributes = "", empty, text } = groups;
    if (text !== undefined) parent.text += decoded(text);
    else if (close !== undefined) {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`);
    } else {
      const element = { name, attributes: attributesOf(attributes), children: [], text: "" };
      parent.children.push(element);
      if (empty === undefined) open.push(element);
    }
  }
  const [root, ...more] = top.children;
  if (open.length !== 1 || !root || more.length > 0 || top.text.trim() !== "")
    throw new Error("not one element");
  return root;
}

function attributesOf(text: string): { readonly [name: string]: string } {
  const pairs = [...text.matchAll(/([\w.-]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [
    name,
    decoded(value),
  ]);
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length)
    throw new Error(`twice the same attribute: ${text}`);
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  if (/&(?!#\d+;)|]]>/.test(text)) throw new Error(`a bare & or ]]> in: ${text}`);
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
}
