import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const opens =
  /\b(?:net|tls)\.connect\b|\bcreateConnection\b|\bnew net\.Socket\b|[^.\w]fetch\(|import \{[^}]*\b(?:request|get|Agent)\b[^}]*\} from 'node:https?'/;

test('whatever opens connections has them from the dialer', () => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.ts$/.test(name) && !/\.(test|cases)\.ts$/.test(name),
  );
  expect(files.length).toBeGreaterThan(300);
  const others = files.filter((name) => {
    const text = readFileSync(path.join(root, name), 'utf8');
    return (
      opens.test(text) &&
      !/from '(?:\.\.?\/)+(?:network\/)?(?:dialer|node-http)\.ts'/.test(text) &&
      name !== path.join('network', 'dialer.ts')
    );
  });
  expect(others.sort()).toEqual([
    // Gives the library a socket of dial.ts.
    path.join('protocols', 'websocket', 'handshake.ts'),
    // A local server that is started for a target, and is asked whether it is there.
    path.join('target-kit', 'redis-server.ts'),
  ]);
});
