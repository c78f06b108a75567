// Names for what goes wrong with HTTP/2: its error codes (RFC 9113 section 7) as codes of failed requests.

const names = [
  'no_error',
  'protocol_error',
  'internal_error',
  'flow_control_error',
  'settings_timeout',
  'stream_closed',
  'frame_size_error',
  'refused_stream',
  'cancel',
  'compression_error',
  'connect_error',
  'enhance_your_calm',
  'inadequate_security',
  'http_1_1_required',
] as const;

/** The codes that we send ourselves. */
export const codes = {
  none: 0,
  protocol: 1,
  flowControl: 3,
  streamClosed: 5,
  frameSize: 6,
  refusedStream: 7,
  cancel: 8,
  compression: 9,
  calm: 11,
} as const;

/** `http2_cancel` and the like; one name for all codes that the RFC does not know, since a server may send any. */
export function http2Code(code: number): string {
  return `http2_${names[code] ?? 'unknown_error'}`;
}

/** `CANCEL (8)`. */
export function http2CodeText(code: number): string {
  return `${(names[code] ?? 'unknown error').toUpperCase()} (${code})`;
}
