import { expect, test } from 'vitest';
import { KnownSecrets } from './known-secrets.ts';

test('hides what it has learned, in each form in which it may stand', () => {
  const secrets = new KnownSecrets();
  secrets.learn('pa&ss "word"');
  expect(secrets.hide('a pa&ss "word" b')).toBe('a *** b');
  expect(secrets.hide('x=pa%26ss%20%22word%22')).toBe('x=***');
  expect(secrets.hide('x=pa%26ss+%22word%22')).toBe('x=***');
  expect(secrets.hide('{"x":"pa&ss \\"word\\""}')).toBe('{"x":"***"}');
});

test('hides short values as words only, and ordinary words not at all', () => {
  const secrets = new KnownSecrets();
  for (const value of ['hunter2', 'postgres', 'abc', '12345', 'aaaaaaaa', '']) secrets.learn(value);
  expect(secrets.hide('hunter2 hunter22 xhunter2 "hunter2"')).toBe('*** hunter22 xhunter2 "***"');
  expect(secrets.hide('postgres abc 12345 aaaaaaaa')).toBe('postgres abc 12345 aaaaaaaa');
  // As it is, in base64, and in hexadecimal digits.
  expect(secrets.size).toBe(3);
});

test('of two values that begin alike, the longer one is hidden', () => {
  const secrets = new KnownSecrets();
  secrets.learn('canary-1234567');
  secrets.learn('canary-1234567-and-more');
  expect(secrets.hide('canary-1234567-and-more, canary-1234567')).toBe('***, ***');
});

test('learns from URLs, headers, variables and settings', () => {
  const secrets = new KnownSecrets();
  secrets.learnUrl('postgres://app:first%40secret@db/shop?password=second-secret&sslmode=require');
  secrets.learnHeader('Authorization', 'Bearer third-secret');
  secrets.learnHeader('cookie', 'sid=fourth-secret; theme=fifth-value');
  secrets.learnHeader('accept', 'application/json');
  secrets.learnEnvironment({
    SHOP_API_KEY: 'sixth-secret',
    HOME: '/root/home',
    PROXY: 'http://u:seventh-secret@p',
  });
  secrets.learnSettings({
    auth: { user: 'ordinary-user', password: 'eighth-secret' },
    list: [{ token: 'ninth-secret' }],
  });
  const text = secrets.hide(
    'first@secret first%40secret second-secret third-secret fourth-secret fifth-value sixth-secret seventh-secret eighth-secret ninth-secret',
  );
  expect(text.replaceAll('***', '').trim()).toBe('');
  expect(secrets.hide('application/json /root/home')).toBe('application/json /root/home');
});

test('forgets the oldest when there are too many, and takes no longer for many that begin alike', () => {
  const secrets = new KnownSecrets();
  for (let i = 0; i < 30_000; i++) secrets.learn(`s%3Asession-${i}`);
  expect(secrets.size).toBeLessThanOrEqual(20_000);
  expect(secrets.hide('s%3Asession-29999')).toBe('***');
  expect(secrets.hide('s%3Asession-5')).toBe('s%3Asession-5');
});

test('shows names, also where they are passwords as well', () => {
  const secrets = new KnownSecrets();
  secrets.learn('members');
  secrets.spare('members');
  secrets.learn('members');
  secrets.learnUrl('postgres://app:shop_dev@db/shop_dev');
  secrets.learnEnvironment({ PWD: '/work/shop', OLDPWD: '/work/home' });
  expect(secrets.hide('members shop_dev /work/shop /work/home')).toBe(
    'members shop_dev /work/shop /work/home',
  );
});

test('hides what was cut off', () => {
  const secrets = new KnownSecrets();
  secrets.learn('canary-0123456789');
  expect(secrets.hide('login with canary-0123... failed')).toBe('login with ***... failed');
  expect(secrets.hide('login with canary-01234')).toBe('login with ***');
  expect(secrets.hide('a canary in a mine')).toBe('a canary in a mine');
});

test.each([
  ['p@ss<w>&"or\'d', 'in HTML', 'p@ss&lt;w&gt;&amp;&quot;or&#39;d'],
  ['p@ss<w>&"or\'d', 'in JSON as Go writes it', 'p@ss\\u003cw\\u003e\\u0026\\"or\'d'],
  ['p@ss<w>&"or\'d', 'in SQL', "p@ss<w>&\"or''d"],
  ['p@ss<w>&"or\'d', 'percent-encoded twice', "p%2540ss%253Cw%253E%2526%2522or'd"],
  ['Zürich→Geheimnis', 'in JSON of ASCII', 'Z\\u00fcrich\\u2192Geheimnis'],
  ['p@ss/word+x', 'percent-encoded in lower case', 'p%40ss%2fword%2bx'],
  ['MIIEabcdefghijkl0\nmnopqrstuvwxyz012\n', 'by one of its lines', 'mnopqrstuvwxyz012'],
  ['first line\r\nsecond', 'with line feeds alone', 'first line\nsecond'],
])('hides %j %s', (value, _how, text) => {
  const secrets = new KnownSecrets();
  secrets.learn(value);
  expect(secrets.hide(`before ${text} after`)).toBe('before *** after');
});

test('hides what stands in the environment in the credentials that others make of it', () => {
  const secrets = new KnownSecrets();
  secrets.learnEnvironment({ API_TOKEN: 'hex-secret-1234' });
  expect(secrets.hide(`a ${Buffer.from('hex-secret-1234').toString('base64')} b`)).toBe('a *** b');
  expect(secrets.hide(`a ${Buffer.from('hex-secret-1234').toString('hex')} b`)).toBe('a *** b');
});
