// Refusals of a target's HTTP API: what a handler throws when the client, not the server, is at fault. Called by the
// handlers of targets, and by http-server.ts.

/** One field of a request that does not fit. */
export interface FieldMistake {
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/** Answered with its status and a JSON body `{ error: { code, message, fields? } }`. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fields: readonly FieldMistake[];

  constructor(
    status: number,
    code: string,
    message: string,
    extra: { headers?: Readonly<Record<string, string>>; fields?: readonly FieldMistake[] } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = extra.headers ?? {};
    this.fields = extra.fields ?? [];
  }
}

interface NumberRule {
  readonly kind: 'number' | 'integer';
  readonly min: number;
  readonly max: number;
  /** Most digits behind the point; any number of them when absent. */
  readonly decimals?: number;
  /** Taken for a field that is absent; without it the field is required. */
  readonly fallback?: number;
}
interface TextRule {
  readonly kind: 'text';
  readonly oneOf?: readonly string[];
  /** Characters at least and at most: 1 and 200 when absent. */
  readonly least?: number;
  readonly most?: number;
  readonly fallback?: string;
}
interface BooleanRule {
  readonly kind: 'boolean';
  readonly fallback?: boolean;
}
type Rule = NumberRule | TextRule | BooleanRule;
export type Rules = Readonly<Record<string, Rule>>;
export type Fields<Of extends Rules> = {
  readonly [Key in keyof Of]: Of[Key] extends NumberRule
    ? number
    : Of[Key] extends BooleanRule
      ? boolean
      : string;
};

/** What is wrong with an input, field by field. */
export function invalidInput(fields: readonly FieldMistake[]): HttpError {
  const names = fields.map((mistake) => mistake.field).join(', ');
  return new HttpError(400, 'invalid_input', `these fields do not fit: ${names}`, { fields });
}

/**
 * Reads the named fields of a JSON body, or of an object within it that lies at `path`, such as `items[3].`. Throws a 400
 * that lists every field that does not fit.
 */
export function readFields<Of extends Rules>(body: unknown, rules: Of, path = ''): Fields<Of> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const what = path === '' ? 'the body' : path.replace(/\.$/, '');
    throw new HttpError(400, 'invalid_input', `${what} must be a JSON object`);
  }
  const given = body as Readonly<Record<string, unknown>>;
  const fields: FieldMistake[] = [];
  const read = Object.entries(rules).map(([field, rule]) => {
    const value = given[field] === undefined ? rule.fallback : given[field];
    if (!fits(value, rule)) {
      fields.push({ field: `${path}${field}`, expected: expectation(rule), found: shown(given[field]) });
    }
    return [field, value];
  });
  if (fields.length > 0) throw invalidInput(fields);
  return Object.fromEntries(read) as Fields<Of>;
}

/** A whole number from the query or the path. Throws a 400 outside of `min` to `max`. */
export function readInteger(field: string, text: string | null, min: number, max: number): number {
  const value = text !== null && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  const rule = { kind: 'integer', min, max } as const;
  throw new HttpError(400, 'invalid_input', `${field} does not fit`, {
    fields: [{ field, expected: expectation(rule), found: shown(text ?? undefined) }],
  });
}

function fits(value: unknown, rule: Rule): boolean {
  if (rule.kind === 'text') {
    if (typeof value !== 'string') return false;
    if (value.length < (rule.least ?? 1) || value.length > (rule.most ?? 200)) return false;
    return rule.oneOf === undefined || rule.oneOf.includes(value);
  }
  if (rule.kind === 'boolean') return typeof value === 'boolean';
  if (typeof value !== 'number' || !(value >= rule.min && value <= rule.max)) return false;
  if (rule.kind === 'integer') return Number.isInteger(value);
  return rule.decimals === undefined || Number(value.toFixed(rule.decimals)) === value;
}

function expectation(rule: Rule): string {
  if (rule.kind === 'boolean') return 'true or false';
  if (rule.kind !== 'text') {
    const digits = rule.decimals === undefined ? '' : ` with at most ${rule.decimals} decimals`;
    return `${rule.kind} from ${rule.min} to ${rule.max}${digits}`;
  }
  if (rule.oneOf !== undefined) return `one of ${rule.oneOf.join(', ')}`;
  return `text of ${rule.least ?? 1} to ${rule.most ?? 200} characters`;
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 60);
}
