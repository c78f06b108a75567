import { describe, expect, test } from 'vitest';
import { chooseDisks, chooseInterfaces, DeviceTotals } from './devices.ts';
import {
  parseCpuTicks,
  parseDisks,
  parseField,
  parseInterfaces,
  parseLoad,
  parseMemory,
  parseOpenFiles,
  parsePressure,
  parseRetransmits,
} from './proc-text.ts';

/** As Linux 6.1 writes them. */
const stat = `cpu  34243 12 26617 85861 427 3 8241 55 70 6
cpu0 15550 0 13465 45356 86 0 2898 0 0 0
intr 4372930 0 0
ctxt 10531082
btime 1795713431
processes 7407
procs_running 7
procs_blocked 0
softirq 13243178 0 42462
`;

/** As Linux 5.10 does: 20 fields a disk. */
const diskstats = `   7       0 loop0 54 0 708 31 0 0 0 0 0 40 31 0 0 0 0 0 0
 259       0 nvme0n1 39247 7610 1877162 9625 16724 33582 3308232 13982 0 8928 26400 5334 17 564648 1757 1105 1034
 259       1 nvme0n1p1 200 10 9000 20 2 0 2 0 0 28 20 0 0 0 0 0 0
   8      16 sdb 10 0 20 5 4 0 8 1 0 6 6 0 0 0 0 0 0
   8      17 sdb1 10 0 20 5 4 0 8 1 0 6 6 0 0 0 0 0 0
 253       0 dm-0 39000 0 1877000 9625 50000 0 3308000 13982 0 8928 26400 0 0 0 0 0 0
 252       0 zram0 9 0 72 0 9 0 72 0 0 0 0 0 0 0 0 0 0
`;

const netDev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1053022593 13008105    0    0    0     0          0         0 1053022593 13008105    0    0    0     0       0          0
  eth0: 362150241   13871    1    2    9     9          0         0  1110000    8999    3    4    9     9       9          0
docker0:   5000      10    0    0    0     0          0         0     6000      10    0    0    0     0       0          0
veth12ab@if3:   5000      10    0    0    0     0          0         0     6000      10    0    0    0     0       0          0
`;

describe('texts of /proc', () => {
  test('CPU ticks without those of guests, which are in user time already', () => {
    expect(parseCpuTicks(stat)).toEqual({ total: 155459, idle: 85861, iowait: 427, steal: 55 });
    expect(parseCpuTicks('cpu  5 6 7 8\n')).toEqual({ total: 26, idle: 8, iowait: 0, steal: 0 });
    expect(parseCpuTicks('')).toBeUndefined();
  });

  test('fields by their whole name', () => {
    expect(parseField(stat, 'procs_running')).toBe(7);
    expect(parseField(stat, 'processes')).toBe(7407);
    expect(parseField('oom_kill 3\npgmajfault 5', 'oom_kill')).toBe(3);
    expect(parseField('oom_killer 3\n', 'oom_kill')).toBeUndefined();
    expect(parseField('a 1\n', 'b')).toBeUndefined();
    expect(parseField('oom_kill_disable 0\noom_kill 3\n', 'oom_kill')).toBe(3);
    expect(parseMemory('MemTotal:       24683620 kB\nMemFree:  1 kB\n', 'MemTotal')).toBe(24683620 * 1024);
  });

  test('load, open files, pressure, retransmits', () => {
    expect(parseLoad('2.05 1.89 1.42 6/162 7421\n')).toEqual([2.05, 1.89, 1.42]);
    expect(parseOpenFiles('945\t5\t2466160\n')).toBe(940);
    expect(
      parsePressure(
        'some avg10=7.87 avg60=12.06 avg300=13.70 total=170781970\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=9\n',
      ),
    ).toBe(170781970);
    // Before Linux 5.13 the file of CPU has no second line.
    expect(parsePressure('some avg10=0.00 avg60=0.00 avg300=0.00 total=12\n')).toBe(12);
    const snmp =
      'Ip: Forwarding\nIp: 1\nTcp: RtoAlgorithm RtoMin RetransSegs InErrs\nTcp: 1 200 256 0\nUdp: InDatagrams\nUdp: 5\n';
    expect(parseRetransmits(snmp)).toBe(256);
    for (const parse of [parseLoad, parseOpenFiles, parsePressure, parseRetransmits])
      expect(parse('')).toBeUndefined();
  });

  test('disks in bytes and ms', () => {
    expect(parseDisks(diskstats)[1]).toEqual({
      name: 'nvme0n1',
      readBytes: 1877162 * 512,
      writtenBytes: 3308232 * 512,
      busyMs: 8928,
    });
    expect(parseDisks(diskstats)).toHaveLength(7);
    expect(parseDisks('')).toEqual([]);
  });

  test('interfaces with errors and drops both ways, also where no blank follows the name', () => {
    expect(parseInterfaces(netDev)[1]).toEqual({
      name: 'eth0',
      receivedBytes: 362150241,
      sentBytes: 1110000,
      errors: 10,
    });
    expect(parseInterfaces('eth0:12 1 0 0 0 0 0 0 34 1 0 0 0 0 0 0\n')).toEqual([
      { name: 'eth0', receivedBytes: 12, sentBytes: 34, errors: 0 },
    ]);
  });
});

describe('what stands for the machine', () => {
  const has =
    (...paths: string[]) =>
    (path: string): boolean =>
      paths.includes(path);

  test('whole disks, with /sys and without', () => {
    const names = parseDisks(diskstats).map(({ name }) => name);
    const sys = has('block', 'block/nvme0n1', 'block/sdb', 'block/dm-0', 'block/loop0', 'block/zram0');
    expect([...chooseDisks(names, sys)]).toEqual(['nvme0n1', 'sdb']);
    expect([...chooseDisks(names, has())]).toEqual(['nvme0n1', 'sdb']);
    // A volume that is a whole disk although it is called like a partition, and one with a slash in its name.
    const odd = has('block', 'block/xvda1', 'block/cciss!c0d0');
    expect([...chooseDisks(['xvda1', 'cciss/c0d0'], odd)]).toEqual(['xvda1', 'cciss/c0d0']);
  });

  test('interfaces with a device; in containers those whose name says nothing against it', () => {
    const names = ['lo', 'eth0', 'eth0.100', 'docker0', 'veth1', 'bond0', 'enp3s0'];
    expect([...chooseInterfaces(names, has('class/net/enp3s0/device'))]).toEqual(['enp3s0']);
    expect([...chooseInterfaces(names, has())]).toEqual(['eth0', 'enp3s0']);
  });

  test('totals grow by what each device gains, whatever comes and goes', () => {
    const totals = new DeviceTotals(['bytes']);
    expect(
      totals.add([
        { name: 'a', bytes: 100 },
        { name: 'b', bytes: 1000 },
      ]),
    ).toEqual({ bytes: 1100 });
    expect(totals.add([{ name: 'a', bytes: 110 }])).toEqual({ bytes: 1110 });
    expect(
      totals.add([
        { name: 'a', bytes: 5 },
        { name: 'c', bytes: 7 },
      ]),
    ).toEqual({ bytes: 1122 });
  });
});
