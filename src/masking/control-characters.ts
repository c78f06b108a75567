// Takes the power out of characters that steer a terminal or turn text around. Called by mask.ts.

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const steering = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;
const isSteering = new RegExp(steering.source);

/**
 * The text with control characters written out, such as `\x1b` for ESC: C0 (ECMA-48) but tab and line feed, DEL, C1,
 * and what changes the direction of text (Unicode UAX #9). CR LF becomes a line feed.
 */
export function plainText(text: string): string {
  if (!isSteering.test(text)) return text;
  return text.replaceAll('\r\n', '\n').replace(steering, (char) => {
    const code = char.charCodeAt(0);
    return code < 256
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
