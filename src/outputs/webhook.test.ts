import { expect, test } from 'vitest';
import type { AlertTransition } from '../model/alert.ts';
import { createLoad, run, transition } from './load.cases.ts';
import { createOutputs } from './outputs.ts';
import { startHttpReceiver, until } from './receivers.cases.ts';

test('each transition is one message with all there is to know', async () => {
  const http = await startHttpReceiver();
  const hub = await createOutputs(
    [{ kind: 'webhook', url: `${http.url}/hook`, headers: { 'X-Key': 'k' } }],
    run,
  );
  hub.alert(transition);
  await until(() => http.accepted.length === 1, 'the message is there without waiting for the end');
  hub.alert({ ...transition, state: 'resolved' });
  createLoad().feed(hub);
  const [tally] = await hub.close(5000);
  await http.close();
  expect(tally).toEqual({ kind: 'webhook', to: `${http.url}/...`, sent: 2, lost: 0, failures: 0 });
  const [first, second] = http.accepted.map(({ body }) => JSON.parse(body.toString()) as object);
  expect(first).toEqual({
    type: 'alert',
    ...transition,
    time: '2026-01-02T03:05:06.500Z',
    run: { id: 'r1', suite: 'shop', profile: 'smoke', environment: 'local', tags: run.tags },
  });
  expect(second).toMatchObject({ state: 'resolved' });
  expect(http.accepted[0]!.headers).toMatchObject({ 'content-type': 'application/json', 'x-key': 'k' });
});

test('Slack gets a text with the figures and what to do, escaped', async () => {
  const http = await startHttpReceiver();
  const hub = await createOutputs([{ kind: 'webhook', url: http.url, format: 'slack' }], run);
  hub.alert(transition);
  hub.alert({ ...transition, state: 'resolved' });
  await hub.close(5000);
  await http.close();
  const [first, second] = http.accepted.map(
    ({ body }) => JSON.parse(body.toString()) as Record<string, unknown>,
  );
  expect(first).toMatchObject({
    text: 'Critical: Slow &lt;answers&gt; &amp; more',
    attachments: [
      {
        color: 'danger',
        text: 'http_req_duration p(95) 251.2 ms (limit 200 ms)\n• Look at the slowest statements.\nThe run is ended because of this.',
        footer: 'shop / smoke, 1m2s into run r1',
        ts: Math.floor((run.startEpochMs + 61_500) / 1000),
      },
    ],
  });
  expect(second).toMatchObject({
    text: 'Resolved: Slow &lt;answers&gt; &amp; more',
    attachments: [{ color: 'good' }],
  });
});

test('a message that is refused for now comes again, when the receiver says', async () => {
  const http = await startHttpReceiver();
  http.answers.push({ status: 429, headers: { 'retry-after': '1' } });
  const hub = await createOutputs([{ kind: 'webhook', url: http.url }], run);
  const before = performance.now();
  hub.alert(transition);
  await until(() => http.accepted.length === 1, 'the message came again');
  expect(performance.now() - before).toBeGreaterThan(950);
  const [tally] = await hub.close(1000);
  await http.close();
  expect(tally).toMatchObject({ sent: 1, lost: 0, failures: 1, lastError: 'answered 429' });
});

test('at most 20 messages wait, and the newest are kept', async () => {
  const http = await startHttpReceiver();
  http.behaviour = 'fail';
  const hub = await createOutputs([{ kind: 'webhook', url: http.url }], run);
  for (let k = 0; k < 50; k++) hub.alert({ ...transition, alert: `a${k}` });
  await until(() => http.refused.length > 0, 'one was refused');
  http.behaviour = 'ok';
  const [tally] = await hub.close(5000);
  await http.close();
  expect(tally).toMatchObject({ sent: 20, lost: 30 });
  const names = http.accepted.map(({ body }) => (JSON.parse(body.toString()) as AlertTransition).alert);
  expect(names).toEqual(Array.from({ length: 20 }, (_, k) => `a${k + 30}`));
});

test('the path of a webhook is a password: nobody sees it', async () => {
  const http = await startHttpReceiver();
  http.answers.push({ status: 404, text: 'no hook at /services/T0/B0/SECRET here' });
  const hub = await createOutputs([{ kind: 'webhook', url: `${http.url}/services/T0/B0/SECRET` }], run);
  hub.alert(transition);
  const [tally] = await hub.close(1000);
  await http.close();
  expect(tally).toMatchObject({ lost: 1, lastError: 'answered 404: no hook at *** here' });
  expect(JSON.stringify(tally)).not.toContain('SECRET');
});
