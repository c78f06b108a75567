import { describe, expect, it } from 'vitest';
import { pickAccount } from './os-account.ts';

describe('pickAccount', () => {
  const nobody = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin';
  it('prefers postgres, then nobody', () => {
    const text = `root:x:0:0:root:/root:/bin/sh\n${nobody}\npostgres:x:101:104::/var/lib/postgresql:/bin/bash\n`;
    expect(pickAccount(text)).toEqual({ name: 'postgres', uid: 101, gid: 104 });
    expect(pickAccount(`daemon:x:1:1::/:\n${nobody}`)).toEqual({ name: 'nobody', uid: 65534, gid: 65534 });
  });
  it('takes the first account that is not root when neither exists', () => {
    expect(pickAccount('toor:x:0:0::/root:\n\nbroken line\nnode:x:1000:1001::/home/node:')).toEqual({
      name: 'node',
      uid: 1000,
      gid: 1001,
    });
  });
  it('finds nothing in a file that names only root', () => {
    expect(pickAccount('root:x:0:0:root:/root:/bin/sh\n')).toBeUndefined();
  });
});
