// What becomes of limits that see nothing, in runs of the built command line.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CountingServer, startCountingServer } from './counting-server.ts';
import { expectExit, ownReasons, wasHeldUp } from './exit-code.ts';
import { runProfile } from './profile-run.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

let server: CountingServer;
const folder = temporaryFolder();

beforeAll(async () => {
  server = await startCountingServer(() => 2);
});
afterAll(async () => {
  await server.close();
  folder.dispose();
});

test.concurrent.each([
  ['renamed', 'Check "is answered" passed (more than 90 %): the run recorded no value for it.'],
  ['unrecorded', 'Average order_value (more than 0): the run recorded no value for it.'],
])('a threshold that saw nothing leaves the run %s without a pass', async (profile, reason) => {
  const { code, record } = await runProfile('limits', profile, server.url);
  expect(ownReasons(record)[0]).toContain(reason);
  expect(code).toBe(5);
});

test.concurrent('a threshold that may see nothing holds then', async () => {
  const finished = await runProfile('limits', 'optional', server.url);
  expectExit(finished, 0);
  if (!wasHeldUp(finished.record)) expect(finished.record.verdict.status).toBe('pass');
});

// Not beside others: what it says of rates holds for a load that is on time.
test.each(['1', '2', '3'])(
  'a load that %s workers share is not ended by limits on its rate',
  async (workers) => {
    const { record, stderr } = await runProfile('limits', 'shared', server.url, ['--workers', workers]);
    expect(stderr).not.toContain('stopping');
    expect(record.alerts).toMatchObject([{ episodes: [], aborted: false }]);
    expect(record.timeline.at(-1)!.endAtMs).toBeGreaterThan(4900);
  },
);

test.concurrent('a limit of the suite on a task that a profile leaves out is left out there, and told', async () => {
  const finished = await runProfile('limits', 'reading', server.url);
  const { record, stderr } = finished;
  expect(record.plan.thresholds.map(({ metric }) => metric)).toEqual(['http_reqs']);
  expect(stderr).toContain('the threshold on http_req_duration{task:write} is not used');
  expectExit(finished, 0);
  expect((await runProfile('limits', 'both', server.url)).record.plan.thresholds).toHaveLength(2);
});

// Not beside others, since it counts all that the server has seen.
test('a limit on a name that cannot occur is a mistake, told with its line and the nearest name', async () => {
  const file = join(folder.path, 'misspelt.suite.yaml');
  writeFileSync(
    file,
    `name: misspelt
baseUrl: ${server.url}
users: { reader: { tasks: { read: { requests: [{ url: /read }] } } } }
profiles: { smoke: { executor: constant-vus, vus: 1, duration: 1s } }
thresholds:
  http_req_duration{task:raed}: ["p(95)<100"]
`,
  );
  const before = server.count;
  const { code, stderr } = await runCli(['run', file, '--out', folder.path]);
  expect(code).toBe(2);
  expect(stderr).toContain('(line 6)');
  expect(stderr).toMatch(/did you mean.*read/);
  expect(server.count).toBe(before);
});
