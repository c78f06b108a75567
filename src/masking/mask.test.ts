import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskData, maskText } from './mask.ts';

// Put together at run time, so that no scanner takes this file for one that leaks.
const jwt = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxMjM0NTY3ODkwIn0', 'dozjgNryP4J3jVmNHl0w5N'].join('.');

describe('maskText', () => {
  test.each([
    ['Authorization: Bearer abcdef123456', 'Authorization: ***'],
    ['proxy-authorization: Basic dXNlcjpwYXNz', 'proxy-authorization: ***'],
    ['sent bearer abcdef123456 to it', 'sent bearer *** to it'],
    [`got ${jwt}, expired`, 'got ***, expired'],
    ['postgres://app:s3cr3t@db:5432/shop', 'postgres://app:***@db:5432/shop'],
    ['redis://:s3cr3t@cache:6379', 'redis://:***@cache:6379'],
    ['GET /login?user=a&password=hunter2&x=1', 'GET /login?user=a&password=***&x=1'],
    ['token=abc123; api_key=def456', 'token=***; api_key=***'],
    ['PGPASSWORD=geheim psql', 'PGPASSWORD=*** psql'],
    ['client_secret=x access_token=y', 'client_secret=*** access_token=***'],
    ['{"password": "a\\"b", "user": "u"}', '{"password": "***", "user": "u"}'],
    ['{"body":"{\\"api_key\\":\\"k1\\"}"}', '{"body":"{\\"api_key\\":\\"***\\"}"}'],
    [
      '{"headers":{"authorization":"Bearer x","x-api-key":"k"}}',
      '{"headers":{"authorization":"***","x-api-key":"***"}}',
    ],
    ['{"Cookie":"sid=1"}', '{"Cookie":"***"}'],
  ])('masks %s', (text, expected) => {
    expect(maskText(text)).toBe(expected);
  });

  test.each([
    'http://127.0.0.1:8000/a@b',
    'has token: 5 of 5',
    'p(95)<100 on http_req_duration{task:token}',
    'the basic price is 10',
    'tokens=5',
    'a == b, password == c',
    'verdict pass: every threshold holds',
    'task password 1253.25ms, password required, password reset-page',
    '{"sessions":["a"],"tokens":[1,2],"key":["b"]}',
    '<td>password</td><td>5</td>',
    '2026-03-14T09:05:07.000Z',
  ])('leaves %s as it is', (text) => {
    expect(maskText(text)).toBe(text);
  });

  test.each([
    ['{"accessToken":"abcdef"}', '{"accessToken":"***"}'],
    ['{&quot;password&quot;:&quot;hunter2&quot;}', '{&quot;password&quot;:&quot;***&quot;}'],
    ['/blob?sv=2021&sig=aB%2Fc%3D&se=1', '/blob?sv=2021&sig=***&se=1'],
    ['http://127.0.0.1:9100/metrics?key=geheim99', 'http://127.0.0.1:9100/metrics?key=***'],
    ['Ocp-Apim-Subscription-Key: 0123abcd', 'Ocp-Apim-Subscription-Key: ***'],
    ['postgres://app:p@ss@word@db:5432/shop', 'postgres://app:***@db:5432/shop'],
    ['postgres://app:p/ss@db:5432/shop', 'postgres://app:***@db:5432/shop'],
    ["{ password: 'hunter2', user: 'u' }", "{ password: '***', user: 'u' }"],
    ['password: hunter2', 'password: ***'],
    ['DB_PASS=hunter2 SMTP_PW=geheim', 'DB_PASS=*** SMTP_PW=***'],
    ['Set-Cookie: sid=abc; Path=/; HttpOnly', 'Set-Cookie: ***'],
    ['key ghp_0123456789abcdefABCDEF leaked', 'key *** leaked'],
    ['https://hooks.slack.com/services/T000/B000/abcdefghijkl', 'https://hooks.slack.com/services/***'],
    [
      '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----',
      '-----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY-----',
    ],
    ['Key (email)=(jo@example.org) already exists.', 'Key (email)=(***) already exists.'],
    ['invalid input syntax for type integer: "4111 1111"', 'invalid input syntax for type integer: "***"'],
    ['Failing row contains (1, jo, s3cr3t).', 'Failing row contains (***).'],
    [
      "ERR unknown command 'AUHT', with args beginning with: 'app' 's3cr3t' ",
      "ERR unknown command 'AUHT', with args beginning with: ***",
    ],
    ['syntax error at or near "\'s3cr3t\'"', 'syntax error at or near "\'***"'],
    ['syntax error at or near "selct"', 'syntax error at or near "selct"'],
    ['client_secret%3Dabc%26x%3D1', 'client_secret%3D***'],
    ['password%253Dabc', 'password%253D***'],
    ['{"cookie":["a=b; c=d","e=f"],"x":["y"]}', '{"cookie":[***],"x":["y"]}'],
    ['{\\"set-cookie\\":[\\"a=b\\"]}', '{\\"set-cookie\\":[***]}'],
    ['<user>u</user><password>a b</password>', '<user>u</user><password>***</password>'],
    ['\\u0022password\\u0022:\\u0022abc\\u0022', '\\u0022password\\u0022:\\u0022***\\u0022'],
    ["CREATE ROLE app LOGIN PASSWORD 'a b'", "CREATE ROLE app LOGIN PASSWORD '***'"],
    [
      'Key (room, token)=(1, a) conflicts with existing key (room, token)=(1, b).',
      'Key (room, token)=(***) conflicts with existing key (room, token)=(***).',
    ],
    ['wss://h/live?ticket=abc&room=1', 'wss://h/live?ticket=***&room=1'],
    [
      'grant_type=x&code_verifier=abc&client_assertion=def',
      'grant_type=x&code_verifier=***&client_assertion=***',
    ],
    [
      'unterminated quoted string at or near "\'s3cr3t" (1)',
      'unterminated quoted string at or near "\'***" (1)',
    ],
    [
      'invalid value for parameter "DateStyle": "s3cr3t" (Unrecognized key word: "s3cr3t".)',
      'invalid value for parameter "DateStyle": "***".)',
    ],
    ['invalid XML content (line 1: Start Tag s3cr3t\n<s3cr3t\n ^)', 'invalid XML content ***'],
    ['no login with password 0a1b2c3d', 'no login with password ***'],
    ['{"user":"u","pass":"abc"}', '{"user":"u","pass":"***"}'],
  ])('masks %s, too', (text, expected) => {
    expect(maskText(text)).toBe(expected);
  });

  test('writes control characters out', () => {
    expect(maskText('\x1b[2Jgone\x00\u009b31m\u202e')).toBe('\\x1b[2Jgone\\x00\\x9b31m\\u202e');
    expect(maskText('two\r\nlines\tand a tab')).toBe('two\nlines\tand a tab');
  });

  test('masking twice changes nothing more', () => {
    const piece = fc.constantFrom(
      ...[
        'password',
        'token',
        'authorization',
        'Bearer abcdefgh1',
        'a=b&token=x"y',
        jwt,
        '\\',
        'pwd=\\"',
        ': "',
        '"',
        '=',
        ':',
      ],
      ...[
        '\\"',
        '://u:',
        '@',
        '/',
        '&quot;',
        ' ',
        'x',
        '***',
        '\n',
        'Key (a)=(b) already exists',
        '-----BEGIN PRIVATE KEY-----',
      ],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 12 }), (pieces) => {
        const once = maskText(pieces.join(''));
        expect(maskText(once)).toBe(once);
      }),
      { numRuns: 3000 },
    );
  });

  // It took seconds for less: each of these made one rule look at the rest of the text again and again.
  test.each([
    '-eyJaaaaaaaa',
    'password',
    'password=',
    '"password":["',
    '<password>',
    "password '",
    'at or near "1',
    'Token "',
    'password a1',
    'invalid XML content ',
    'invalid value for parameter "a": "',
    'conflicts with existing key (',
    '"password":"',
    'a://b:',
    '://',
    'bearer ',
    '-----BEGIN PRIVATE KEY-----',
    'Key (',
    'Failing row contains (',
    'value "',
    '\\\\"',
    'authorization: ',
    '= ',
    'invalid input syntax for type ',
    'hooks.slack.com/services/',
  ])('takes no longer than the text is long: %s', (piece) => {
    const text = piece.repeat(Math.ceil(500_000 / piece.length));
    const began = process.cpuUsage();
    maskText(text);
    const { user } = process.cpuUsage(began);
    // Half a million characters; quadratic time would be many seconds.
    expect(user / 1e6).toBeLessThan(2);
  });
});

describe('maskData', () => {
  test('masks texts under secret names, and leaves what holds no text of its own', () => {
    const bytes = new Uint8Array([1]);
    const data = {
      headers: { 'x-api-key': 'abc', accept: '*/*' },
      token: ['a', 'b'],
      sizes: { token: 5 },
      bytes,
    };
    expect(maskData(data)).toEqual({
      headers: { 'x-api-key': '***', accept: '*/*' },
      token: ['***', '***'],
      sizes: { token: 5 },
      bytes,
    });
    const plain = { a: [1, { b: 'c' }] };
    expect(maskData(plain)).toBe(plain);
  });

  test('keeps members with the names of what objects have anyway', () => {
    const data = JSON.parse('{"__proto__": {"password": "x"}, "constructor": "y"}') as object;
    expect(JSON.stringify(maskData(data))).toBe('{"__proto__":{"password":"***"},"constructor":"y"}');
  });

  test('ends, however deep data are', () => {
    let deep: unknown = 'x';
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(() => maskData(deep)).not.toThrow();
  });
});
