// The fields that every HPACK decoder knows from the start: RFC 7541 appendix A. Called by hpack-decoder.ts and
// head-block.ts.

/** Name and value by turns; the first pair has index 1. */
const pairs =
  ':authority||:method|GET|:method|POST|:path|/|:path|/index.html|:scheme|http|:scheme|https|:status|200|:status|204|' +
  ':status|206|:status|304|:status|400|:status|404|:status|500|accept-charset||accept-encoding|gzip, deflate|' +
  'accept-language||accept-ranges||accept||access-control-allow-origin||age||allow||authorization||cache-control||' +
  'content-disposition||content-encoding||content-language||content-length||content-location||content-range||' +
  'content-type||cookie||date||etag||expect||expires||from||host||if-match||if-modified-since||if-none-match||' +
  'if-range||if-unmodified-since||last-modified||link||location||max-forwards||proxy-authenticate||' +
  'proxy-authorization||range||referer||refresh||retry-after||server||set-cookie||strict-transport-security||' +
  'transfer-encoding||user-agent||vary||via||www-authenticate|';

/** One field of a head. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

/** By index; the one at 0 is none. */
export const staticTable: readonly Field[] = [
  { name: '', value: '' },
  ...pairs.split('|').flatMap((name, i, all): Field[] => (i % 2 === 0 ? [{ name, value: all[i + 1]! }] : [])),
];

/** A field takes so many bytes of a table beside its name and value: RFC 7541 section 4.1. */
export const fieldOverheadBytes = 32;

/** Index of the first field with a name. */
export const indexOfName: ReadonlyMap<string, number> = new Map(
  staticTable.map(({ name }, index): [string, number] => [name, index]).reverse(),
);

/** Index of a field with both, written `name\nvalue`. */
export const indexOfField: ReadonlyMap<string, number> = new Map(
  staticTable.flatMap(({ name, value }, index): [string, number][] =>
    value === '' ? [] : [[`${name}\n${value}`, index]],
  ),
);
