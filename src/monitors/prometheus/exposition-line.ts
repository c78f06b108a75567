// One line of a page in Prometheus text format 0.0.4 or OpenMetrics 1.0 text: what stands after the metric's name.
// Called by exposition.ts for the lines that are kept.
// As lenient as Prometheus itself: model/textparse of Prometheus 3, promlex.l and openmetricslex.l.

import { ForeignDataError } from '../foreign-data.ts';

/** A page that cannot be read, with the number of the line. */
export class ExpositionError extends ForeignDataError {
  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`);
    this.name = 'ExpositionError';
  }
}

export interface SampleLine {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** What of the text format 0.0.4 allows blanks and missing commas that OpenMetrics does not. */
interface Syntax {
  /** A label with what ends it; sticky. Names may stand in quotes, as with Prometheus 3. */
  readonly label: RegExp;
  /** The name of the metric within the braces; sticky. */
  readonly name: RegExp;
  /** The value and a timestamp; sticky. */
  readonly value: RegExp;
  /** What ends the labels after a last comma; sticky. */
  readonly end: RegExp;
  readonly isText: boolean;
}

const textSyntax: Syntax = {
  label:
    /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*|"[^"\\\n]*(?:\\.[^"\\\n]*)*")[ \t]*=[ \t]*"([^"\\\n]*(?:\\.[^"\\\n]*)*)"[ \t]*([,}]?)/y,
  name: /[ \t]*"([^"\\\n]*(?:\\.[^"\\\n]*)*)"[ \t]*([,}])/y,
  value: /[ \t]*([^ \t\n{]+)(?:[ \t]+(-?\d+))?[ \t]*/y,
  end: /[ \t]*\}/y,
  isText: true,
};

const openMetricsSyntax: Syntax = {
  label: /([a-zA-Z_][a-zA-Z0-9_]*|"[^"\\\n]*(?:\\.[^"\\\n]*)*")="([^"\\\n]*(?:\\.[^"\\\n]*)*)"([,}])/y,
  name: /"([^"\\\n]*(?:\\.[^"\\\n]*)*)"([,}])/y,
  value: / ([^ \n]+)(?: ([^ #\n]\S*))?/y,
  end: /\}/y,
  isText: false,
};

/** A sample whose name stands within its braces. */
export interface NamedSample extends SampleLine {
  readonly name: string;
}

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
  if (text[position] === '{') {
    const parsed = parseLabels(text, position, end, line, syntax);
    if (parsed.name !== undefined) throw new ExpositionError(line, 'the metric has two names');
    ({ labels, next: position } = parsed);
  } else if (position === at && !openMetrics) {
    throw new ExpositionError(line, `${shown(text, at, end)} is not allowed in the name of a metric`);
  }
  return { labels, value: parseRest(text, position, end, line, syntax) };
}

/** The same from `at`, where the line begins with its opening brace. */
export function parseNamedSample(
  text: string,
  at: number,
  end: number,
  line: number,
  openMetrics: boolean,
): NamedSample {
  const syntax = openMetrics ? openMetricsSyntax : textSyntax;
  const { name, labels, next } = parseLabels(text, at, end, line, syntax);
  if (name === undefined) throw new ExpositionError(line, 'the metric has no name');
  return { name, labels, value: parseRest(text, next, end, line, syntax) };
}

function parseRest(text: string, at: number, end: number, line: number, syntax: Syntax): number {
  const { value, next } = parseValue(text, at, end, line, syntax);
  let position = next;
  if (!syntax.isText && text.startsWith(' # {', position) && position < end) {
    const exemplar = parseLabels(text, position + 3, end, line, syntax);
    if (exemplar.name !== undefined) throw new ExpositionError(line, 'an exemplar has no name of its own');
    position = parseValue(text, exemplar.next, end, line, syntax).next;
  }
  if (position !== end) throw new ExpositionError(line, `${shown(text, position, end)} is one too many`);
  return value;
}

const noLabels: ReadonlyMap<string, string> = new Map();

interface ParsedLabels {
  readonly labels: ReadonlyMap<string, string>;
  /** Of the metric, when it stands here. */
  readonly name: string | undefined;
  /** Where they end. */
  readonly next: number;
}

/** From the opening brace. */
function parseLabels(text: string, at: number, end: number, line: number, syntax: Syntax): ParsedLabels {
  const labels = new Map<string, string>();
  let metricName: string | undefined;
  let position = at + 1;
  for (;;) {
    const closed = matchAt(syntax.end, text, position, end);
    if (closed !== null) return { labels, name: metricName, next: syntax.end.lastIndex };
    const match = matchAt(syntax.label, text, position, end);
    const named = match === null ? matchAt(syntax.name, text, position, end) : null;
    let stop: string;
    if (match !== null) {
      const [, written, value, ending] = match as unknown as [string, string, string, string];
      const name = written.startsWith('"') ? unescaped(written.slice(1, -1)) : written;
      if (labels.has(name)) throw new ExpositionError(line, `the label ${name} occurs twice`);
      labels.set(name, unescaped(value));
      position = syntax.label.lastIndex;
      stop = ending;
    } else if (named !== null && metricName === undefined) {
      metricName = unescaped(named[1]!);
      position = syntax.name.lastIndex;
      stop = named[2]!;
    } else {
      throw new ExpositionError(line, `${shown(text, position, end)} is not a label such as code="200"`);
    }
    if (stop === '}') return { labels, name: metricName, next: position };
  }
}

function matchAt(pattern: RegExp, text: string, at: number, end: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match !== null && pattern.lastIndex <= end ? match : null;
}

/** Of escapes that the formats do not know both characters stand, as Prometheus reads them. */
export function unescaped(value: string): string {
  if (!value.includes('\\')) return value;
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
  { value, isText }: Syntax,
): { readonly value: number; readonly next: number } {
  value.lastIndex = at;
  const match = value.exec(text);
  if (match === null || value.lastIndex > end) throw new ExpositionError(line, 'a value is missing');
  const number = parseNumber(match[1]!);
  if (number === undefined) {
    const ending = match[1]!.endsWith('\r') ? '; lines end with LF, not with CR LF' : '';
    throw new ExpositionError(line, `${JSON.stringify(match[1]!.slice(0, 40))} is not a number${ending}`);
  }
  const timestamp = match[2];
  if (timestamp !== undefined && !isText && !Number.isFinite(parseNumber(timestamp))) {
    throw new ExpositionError(line, `${JSON.stringify(timestamp.slice(0, 40))} is not a timestamp`);
  }
  return { value: number, next: value.lastIndex };
}

/** A number as both formats write it, NaN and infinity in any case; `undefined` when it is none. */
export function parseNumber(text: string): number | undefined {
  if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return Number(text);
  const word = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (word !== null) return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^nan$/i.test(text) ? Number.NaN : undefined;
}

function shown(text: string, at: number, end: number): string {
  return at >= end ? 'the end of the line' : JSON.stringify(text.slice(at, Math.min(end, at + 40)));
}
