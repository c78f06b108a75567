// Reads the text of INFO. Called by questions.ts.

export interface CommandTotals {
  readonly calls: number;
  readonly us: number;
}

export interface ServerInfo {
  /** The number of a field; `undefined` where the server does not tell it. */
  number(field: string): number | undefined;
  text(field: string): string | undefined;
  /** Refusals for want of memory. */
  readonly outOfMemory: number;
  /** Keys of all databases; `undefined` where the section is missing. */
  readonly keys: number | undefined;
  /** By command, `client|list` for one with a subcommand; `null` where the section is missing. */
  readonly commands: ReadonlyMap<string, CommandTotals> | null;
}

export function parseInfo(text: string): ServerInfo {
  const fields = new Map<string, string>();
  const commands = new Map<string, CommandTotals>();
  const sections = new Set<string>();
  let keys = 0;
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (line.startsWith('# ')) sections.add(line.slice(2).trim().toLowerCase());
    if (colon < 0) continue;
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trimEnd();
    if (name.startsWith('cmdstat_')) {
      commands.set(name.slice('cmdstat_'.length), { calls: part(value, 'calls'), us: part(value, 'usec') });
    } else if (/^db\d+$/.test(name)) keys += part(value, 'keys');
    else fields.set(name, value);
  }
  return {
    number(field) {
      const value = fields.get(field);
      const number = value === undefined || value === '' ? Number.NaN : Number(value);
      return Number.isFinite(number) ? number : undefined;
    },
    text: (field) => fields.get(field),
    outOfMemory: part(fields.get('errorstat_OOM') ?? '', 'count'),
    keys: sections.has('keyspace') ? keys : undefined,
    commands: sections.has('commandstats') ? commands : null,
  };
}

/** A number of a line such as `calls=3,usec=25,usec_per_call=8.33`. */
function part(value: string, name: string): number {
  const from = value.startsWith(`${name}=`) ? 0 : value.indexOf(`,${name}=`) + 1;
  return Number.parseFloat(value.slice(from + name.length + 1)) || 0;
}
