// The platform's drills: what its users notice when the way to it breaks (SLO-5: recovery in less than 30 s after a failure).
// Used by profiles.ts.

import type { ProfileDefinition } from 'plimsoll';

export const drills = {
  network_drill: {
    description: 'The way to the platform breaks twice: connections are refused, then nothing passes',
    whenToRun: 'Before releases that change connections, pools or timeouts, and after changes of the network',
    markers: ['drill'],
    executor: 'constant-vus',
    vus: 20,
    duration: '1m30s',
    users: ['business'],
    // A proxy before the base URL, whatever that is; the load goes through it.
    proxies: { network: {} },
    thresholds: {
      'http_req_failed{fault:none}': ['rate<0.01'],
      'checks{fault:none}': ['rate>0.99'],
    },
    faults: {
      refused: {
        title: 'Connections are refused',
        kind: 'refuse',
        proxy: 'network',
        at: '15s',
        for: '5s',
        expect: { recovery: '30s' },
      },
      nothing_passes: {
        title: 'Nothing passes',
        kind: 'black-hole',
        proxy: 'network',
        at: '55s',
        for: '3s',
        expect: { recovery: '30s' },
      },
    },
  },
} satisfies Record<string, ProfileDefinition>;
