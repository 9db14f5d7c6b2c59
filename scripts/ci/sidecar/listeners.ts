import { readFileSync } from 'node:fs';

/** A TCP port on which somebody listens, and whether only the pod itself reaches it. */
export interface Listener {
  readonly port: number;
  readonly isLoopback: boolean;
}

const LISTENS = '0A';
/** As the kernel writes addresses: each 32 bits in the order of this machine, which is the little end first. */
const LOOPBACK = /^(?:[0-9A-F]{6}7F|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F)$/;

/** All listeners in the network of a process. */
export function listenersOf(pid: number): Listener[] {
  return ['tcp', 'tcp6'].flatMap((file) => listenersIn(readFileSync(`/proc/${pid}/net/${file}`, 'utf8')));
}

/** Of a table as proc_net_tcp(5) has it. */
export function listenersIn(table: string): Listener[] {
  return table.split('\n').flatMap((line) => {
    const [, address = '', port = '', state] = /^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) /.exec(line) ?? [];
    return state === LISTENS ? [{ port: Number.parseInt(port, 16), isLoopback: LOOPBACK.test(address) }] : [];
  });
}
