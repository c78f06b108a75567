// Reads XML into elements, and refuses what is not well-formed. Called by fattura.ts.

import { DocumentError } from './document-error.ts';

export interface Element {
  /** Without the prefix of its namespace. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
  /** Its own text, without that of its children. */
  readonly text: string;
}

interface Open extends Element {
  readonly children: Element[];
  /** As written, with its prefix: the closing tag must be the same. */
  readonly tag: string;
  text: string;
}

const deepest = 100;
const name = '[A-Za-z_][\\w.:-]*';
const attribute = new RegExp(`\\s+(${name})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, 'y');
const opening = new RegExp(`<(${name})`, 'y');
const closing = new RegExp(`</(${name})\\s*>`, 'y');
const entities: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

/**
 * The root element. Throws a `DocumentError` that says where the text is not well-formed. A document type is refused, as it
 * could name files of this machine.
 *
 * **Source:** Extensible Markup Language 1.0, fifth edition, sections 2 and 3.
 */
export function parseXml(text: string): Element {
  const open: Open[] = [];
  let root: Element | undefined;
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const wrong = (what: string) => {
    const line = text.slice(0, at).split('\n').length;
    return new DocumentError('invalid_xml', `line ${line}: ${what}`);
  };

  function skipTo(end: string, what: string): void {
    const found = text.indexOf(end, at);
    if (found < 0) throw wrong(`${what} does not end`);
    at = found + end.length;
  }

  function addText(raw: string): void {
    const parent = open.at(-1);
    if (parent !== undefined) parent.text += raw.includes('&') ? decode(raw, wrong) : raw;
    else if (raw.trim() !== '') throw wrong('text outside of the root element');
  }

  function close(element: Open): void {
    const parent = open.at(-1);
    if (parent === undefined) root = element;
    else parent.children.push(element);
  }

  function openElement(): void {
    opening.lastIndex = at;
    const [whole, tag] = opening.exec(text) ?? [];
    if (whole === undefined || tag === undefined) throw wrong('a tag has no name');
    if (root !== undefined) throw wrong('a second root element');
    if (open.length >= deepest) throw wrong(`elements deeper than ${deepest}`);
    at += whole.length;
    const attributes = new Map<string, string>();
    for (;;) {
      attribute.lastIndex = at;
      const found = attribute.exec(text);
      if (found === null) break;
      if (attributes.has(found[1]!)) throw wrong(`the attribute ${found[1]} is there twice`);
      attributes.set(found[1]!, decode(found[2] ?? found[3]!, wrong));
      at += found[0].length;
    }
    const end = /\s*(\/?)>/y;
    end.lastIndex = at;
    const ended = end.exec(text);
    if (ended === null) throw wrong(`the tag <${tag}> does not end`);
    at += ended[0].length;
    const element: Open = { tag, name: tag.slice(tag.indexOf(':') + 1), attributes, children: [], text: '' };
    if (ended[1] === '/') close(element);
    else open.push(element);
  }

  function closeElement(): void {
    closing.lastIndex = at;
    const [whole, tag] = closing.exec(text) ?? [];
    const element = open.pop();
    if (whole === undefined || element?.tag !== tag) {
      throw wrong(element === undefined ? 'a closing tag too many' : `<${element.tag}> is not closed`);
    }
    at += whole.length;
    close(element!);
  }

  while (at < text.length) {
    const next = text.indexOf('<', at);
    addText(text.slice(at, next < 0 ? undefined : next));
    if (next < 0) break;
    at = next;
    if (text.startsWith('<!--', at)) skipTo('-->', 'a comment');
    else if (text.startsWith('<![CDATA[', at)) {
      const from = at + '<![CDATA['.length;
      skipTo(']]>', 'a CDATA section');
      const parent = open.at(-1);
      if (parent === undefined) throw wrong('text outside of the root element');
      parent.text += text.slice(from, at - ']]>'.length);
    } else if (text.startsWith('<?', at)) skipTo('?>', 'a processing instruction');
    else if (text.startsWith('<!', at)) throw wrong('a document type is not taken');
    else if (text.startsWith('</', at)) closeElement();
    else openElement();
  }
  if (open.length > 0) throw wrong(`<${open.at(-1)!.tag}> is not closed`);
  if (root === undefined) throw wrong('there is no element');
  return root;
}

function decode(raw: string, wrong: (what: string) => DocumentError): string {
  return raw.replaceAll(/&([^;&\s]{0,10});?/g, (whole, entity: string) => {
    const known = entities.get(entity);
    if (known !== undefined && whole.endsWith(';')) return known;
    const [, hex, decimal] = /^#(?:x([\da-f]{1,6})|(\d{1,7}))$/i.exec(entity) ?? [];
    const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal ?? Number.NaN);
    if (!whole.endsWith(';') || !(code > 0 && code <= 0x10ffff)) {
      throw wrong(`${JSON.stringify(whole)} is no entity`);
    }
    return String.fromCodePoint(code);
  });
}
