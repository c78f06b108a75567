// Which disks and network interfaces stand for the machine, without counting a byte twice, and totals over them that do
// not fall when one is taken away. Used by linux.ts.

/** Whether a path exists below /sys, such as `class/net/eth0/device`. */
export type SysHas = (path: string) => boolean;

/**
 * Devices made of others or of memory, and media that are changed: what goes through them is counted at the disk below,
 * or nowhere. A multipath or RAID set is counted by its members.
 */
const notADisk = /^(loop|ram|zram|dm-|md|sr|fd|zd|drbd|bcache|nbd)\d/;
/** Disks by name, for containers that do not see /sys: `sda` and not `sda1`, `nvme0n1` and not `nvme0n1p1`. */
const diskByName = /^([shv]d[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+|dasd[a-z]+)$/;

/** The whole disks among block devices. */
export function chooseDisks(names: readonly string[], sysHas: SysHas): Set<string> {
  const seesSys = sysHas('block');
  return new Set(
    names.filter((name) => {
      if (notADisk.test(name)) return false;
      // Partitions have no entry of their own here. A slash within a name is told as `!`.
      return seesSys ? sysHas(`block/${name.replaceAll('/', '!')}`) : diskByName.test(name);
    }),
  );
}

/** Interfaces made of others, or that lead to containers of this machine. */
const notAnInterface =
  /^(lo$|ifb|dummy|veth|docker|br-|virbr|cni|flannel|cali|vxlan|geneve|tun|tap|wg|bond|team|sit|gre|gretap|erspan|ip6|ip_vti|tailscale|kube-|nodelocaldns|lxc|podman|.*[.@:])/;

/**
 * The network interfaces that lead out of the machine: those with a device behind them where there is one, else (in
 * containers) those whose name does not say that they are made of others. Never `lo`.
 */
export function chooseInterfaces(names: readonly string[], sysHas: SysHas): Set<string> {
  const physical = names.filter((name) => name !== 'lo' && sysHas(`class/net/${name}/device`));
  return new Set(physical.length > 0 ? physical : names.filter((name) => !notAnInterface.test(name)));
}

/**
 * Running totals over several devices, each of which may vanish, appear or start again from 0. The first sum is that of
 * the devices; from then on it grows by what each of them gains.
 */
export class DeviceTotals<Figure extends string> {
  readonly #figures: readonly Figure[];
  readonly #before = new Map<string, Readonly<Record<Figure, number>>>();
  readonly #sums: Record<Figure, number>;

  constructor(figures: readonly Figure[]) {
    this.#figures = figures;
    this.#sums = Object.fromEntries(figures.map((figure) => [figure, 0])) as Record<Figure, number>;
  }

  /** Takes in the devices as they stand now; answers with the sums so far. */
  add(
    devices: Iterable<Readonly<Record<Figure, number>> & { readonly name: string }>,
  ): Readonly<Record<Figure, number>> {
    for (const device of devices) {
      const before = this.#before.get(device.name);
      for (const figure of this.#figures) {
        const gain = device[figure] - (before?.[figure] ?? 0);
        this.#sums[figure] += gain < 0 ? device[figure] : gain;
      }
      this.#before.set(device.name, device);
    }
    return { ...this.#sums };
  }
}
