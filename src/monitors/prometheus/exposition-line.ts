// One line of a page in Prometheus text format 0.0.4 or OpenMetrics 1.0 text: what stands after the metric's name.
// Called by exposition.ts for the lines that are kept.

/** A page that cannot be read, with the number of the line. */
export class ExpositionError extends Error {
  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`);
    this.name = 'ExpositionError';
  }
}

export interface SampleLine {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** What of the text format 0.0.4 allows blanks and a last comma that OpenMetrics does not. */
interface Syntax {
  /** A label with what ends it; sticky. */
  readonly label: RegExp;
  /** The value and a timestamp; sticky. */
  readonly value: RegExp;
  readonly lastComma: boolean;
}

const textSyntax: Syntax = {
  label: /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"([^"\\\n]*(?:\\.[^"\\\n]*)*)"[ \t]*([,}])/y,
  value: /[ \t]*([^ \t\n{]+)(?:[ \t]+(-?\d+))?[ \t]*/y,
  lastComma: true,
};

const openMetricsSyntax: Syntax = {
  label: /([a-zA-Z_][a-zA-Z0-9_]*)="([^"\\\n]*(?:\\.[^"\\\n]*)*)"([,}])/y,
  value: / ([^ \n]+)(?: ([^ #\n]\S*))?/y,
  lastComma: false,
};

/**
 * Reads a sample from `at`, where its name has ended, to `end`, where the line does. Throws an `ExpositionError`.
 * Timestamps and exemplars are checked and left out.
 */
export function parseSampleLine(
  text: string,
  at: number,
  end: number,
  line: number,
  openMetrics: boolean,
): SampleLine {
  const syntax = openMetrics ? openMetricsSyntax : textSyntax;
  let position = at;
  if (!openMetrics) while (text[position] === ' ' || text[position] === '\t') position++;
  let labels = noLabels;
  if (text[position] === '{') [labels, position] = parseLabels(text, position, end, line, syntax);
  else if (position === at && !openMetrics) {
    throw new ExpositionError(line, `${shown(text, at, end)} cannot stand in the name of a metric`);
  }
  const { value, next } = parseValue(text, position, end, line, syntax);
  position = next;
  if (openMetrics && text.startsWith(' # {', position) && position < end) {
    position = parseLabels(text, position + 3, end, line, syntax)[1];
    position = parseValue(text, position, end, line, syntax).next;
  }
  if (position !== end) throw new ExpositionError(line, `${shown(text, position, end)} is one too many`);
  return { labels, value };
}

const noLabels: ReadonlyMap<string, string> = new Map();

/** From the opening brace; resolves with the labels and where they end. */
function parseLabels(
  text: string,
  at: number,
  end: number,
  line: number,
  { label, lastComma }: Syntax,
): [ReadonlyMap<string, string>, number] {
  const labels = new Map<string, string>();
  let position = at + 1;
  if (text[position] === '}') return [labels, position + 1];
  for (;;) {
    label.lastIndex = position;
    const match = label.exec(text);
    if (match === null || label.lastIndex > end) {
      throw new ExpositionError(line, `${shown(text, position, end)} is not a label such as code="200"`);
    }
    const [, name, value, stop] = match;
    if (labels.has(name!)) throw new ExpositionError(line, `the label ${name} stands there twice`);
    labels.set(name!, value!.includes('\\') ? unescaped(value!) : value!);
    position = label.lastIndex;
    if (stop === '}') return [labels, position];
    if (lastComma) {
      const rest = /[ \t]*\}/y;
      rest.lastIndex = position;
      if (rest.test(text)) return [labels, rest.lastIndex];
    }
  }
}

/** Of escapes that the formats do not know both characters stand, as Prometheus reads them. */
function unescaped(value: string): string {
  return value.replace(/\\(.)/g, (pair, character: string) => {
    if (character === 'n') return '\n';
    return character === '"' || character === '\\' ? character : pair;
  });
}

function parseValue(
  text: string,
  at: number,
  end: number,
  line: number,
  { value, lastComma: isText }: Syntax,
): { readonly value: number; readonly next: number } {
  value.lastIndex = at;
  const match = value.exec(text);
  if (match === null || value.lastIndex > end) throw new ExpositionError(line, 'a value is missing');
  const number = parseNumber(match[1]!);
  if (number === undefined) {
    throw new ExpositionError(line, `${JSON.stringify(match[1]!.slice(0, 40))} is not a number`);
  }
  const timestamp = match[2];
  if (timestamp !== undefined && !isText && !Number.isFinite(parseNumber(timestamp))) {
    throw new ExpositionError(line, `${JSON.stringify(timestamp.slice(0, 40))} is not a timestamp`);
  }
  return { value: number, next: value.lastIndex };
}

/** A number as both formats write it, NaN and infinity in any case; `undefined` when it is none. */
export function parseNumber(text: string): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return Number(text);
  const word = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (word !== null) return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^nan$/i.test(text) ? Number.NaN : undefined;
}

function shown(text: string, at: number, end: number): string {
  return at >= end ? 'the end of the line' : JSON.stringify(text.slice(at, Math.min(end, at + 40)));
}
