import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, constants, createZstdCompress, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bodyDecoder } from './body-decoder.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

class Allowance {
  limitBytes = Infinity;
  usedBytes = 0;
  mostBytes = 0;
  take(bytes: number): boolean {
    if (this.usedBytes + bytes > this.limitBytes) return false;
    this.usedBytes += bytes;
    this.mostBytes = Math.max(this.mostBytes, this.usedBytes);
    return true;
  }
  release(bytes: number): void {
    this.usedBytes -= bytes;
  }
}

async function decoded(coding: string, bytes: Uint8Array | readonly Uint8Array[], maxBytes = MIB): Promise<string> {
  const chunks = bytes instanceof Uint8Array ? [bytes] : bytes;
  const result = await bodyDecoder(new Allowance()).decode(coding, chunks, maxBytes);
  return typeof result === 'string' ? `no: ${result}` : Buffer.concat(result).toString();
}

/** Text that no coding makes much smaller than a fifth of it. */
function prose(bytes: number): string {
  let text = '';
  for (let seed = 1; text.length < bytes; ) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    text += `${seed.toString(36)} `;
  }
  return text.slice(0, bytes);
}

const small = '{"name":"a"}';
const large = prose(300 * KIB);
const split = (bytes: Buffer): Buffer[] => [bytes.subarray(0, 7), bytes.subarray(7)];

describe('content codings', () => {
  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['GZip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('%s', async (coding, compress) => {
    expect(await decoded(coding, compress(small))).toBe(small);
    expect(await decoded(coding, split(compress(small)))).toBe(small);
    expect(await decoded(coding, split(compress(large)))).toBe(large);
  });

  it('takes several off in reverse order', async () => {
    expect(await decoded('gzip, br', brotliCompressSync(gzipSync(small)))).toBe(small);
    expect(await decoded('deflate, identity, gzip', gzipSync(deflateSync(small)))).toBe(small);
    expect(await decoded('br, gzip', brotliCompressSync(gzipSync(small)))).toBe('no: encoding');
    expect(await decoded('gzip, gzip, gzip, gzip, gzip', gzipSync(small))).toBe('no: encoding');
  });

  it('leaves identity and an empty body as they are', async () => {
    expect(await decoded('identity', Buffer.from(small))).toBe(small);
    expect(await decoded('', Buffer.from(small))).toBe(small);
    expect(await decoded('gzip', Buffer.alloc(0))).toBe('');
  });

  it('says encoding of what is not known', async () => {
    expect(await decoded('compress', Buffer.from(small))).toBe('no: encoding');
    expect(await decoded('gzip, aws-chunked', gzipSync(small))).toBe('no: encoding');
  });

  it('knows several members of a gzip file (RFC 1952 §2.2), and frames of zstd', async () => {
    expect(await decoded('gzip', Buffer.concat([gzipSync('{"a"'), gzipSync(':1}')]))).toBe('{"a":1}');
    expect(await decoded('zstd', Buffer.concat([zstdCompressSync('{"a"'), zstdCompressSync(':1}')]))).toBe('{"a":1}');
  });

  describe.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('%s that is not whole', (coding, compress) => {
    it.each([
      ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
      ['cut to its first byte', (bytes: Buffer) => bytes.subarray(0, 1)],
      ['with something behind it', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('xyz')])],
    ])('%s', async (_, change) => {
      expect(await decoded(coding, change(compress(small)))).toBe('no: encoding');
      expect(await decoded(coding, change(compress(large)))).toBe('no: encoding');
    });

    it('something else', async () => {
      expect(await decoded(coding, Buffer.from('{"name":"a","and":"more of it"}'))).toBe('no: encoding');
    });
  });

  it('takes zeros behind a gzip file for padding', async () => {
    expect(await decoded('gzip', Buffer.concat([gzipSync(small), Buffer.alloc(100)]))).toBe(small);
  });
});

describe('bombs', () => {
  const codings = [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const;

  it.each(codings)('HY-5: %s: a short text that says one thing many times is none', async (coding, compress) => {
    const zeros = '0'.repeat(64 * KIB);
    expect(compress(zeros).length).toBeLessThan(640);
    expect(await decoded(coding, compress(zeros))).toBe(zeros);
  });

  it.each(codings)('HY-5: %s: more than 100 times as many bytes are not made', async (coding, compress) => {
    expect(await decoded(coding, compress('0'.repeat(64 * KIB + 1)))).toBe('no: encoding');
    expect(await decoded(coding, compress(Buffer.alloc(8 * MIB)), 64 * MIB)).toBe('no: encoding');
  });

  it.each(codings)('HY-5: %s: nor more than maxBytes', async (coding, compress) => {
    const encoded = compress(large);
    expect(await decoded(coding, encoded, 300 * KIB)).toBe(large);
    expect(await decoded(coding, encoded, 300 * KIB - 1)).toBe('no: too_large');
    expect(await decoded(coding, compress('abc'), 2)).toBe('no: too_large');
  });

  it('HY-5: the ratio is that of all codings together', async () => {
    expect(await decoded('gzip, gzip', gzipSync(gzipSync(Buffer.alloc(10 * MIB))), 64 * MIB)).toBe('no: encoding');
  });

  it('a window above 8 MiB is not opened (RFC 9659)', async () => {
    const stream = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 27 } });
    stream.end(Buffer.from(large.repeat(10)));
    expect(await decoded('zstd', await buffer(stream), 64 * MIB)).toBe('no: encoding');
  });
});

describe('many at once', () => {
  const encoded = brotliCompressSync(large);

  it('decodes two at a time, lets 64 wait and gives up on the rest', async () => {
    const allowance = new Allowance();
    const decoder = bodyDecoder(allowance);
    const all = Array.from({ length: 70 }, async () => decoder.decode('br', [encoded], MIB));
    const said = (await Promise.all(all)).map((result) => (typeof result === 'string' ? result : 'decoded'));
    expect(said.filter((word) => word === 'decoded')).toHaveLength(66);
    expect(said.slice(66)).toEqual(['overload', 'overload', 'overload', 'overload']);
    expect(allowance).toMatchObject({ usedBytes: 0, mostBytes: 2 * MIB });
    expect(await decoder.decode('br', [encoded], MIB)).toHaveLength(1);
  });

  it('counts what it makes against the bytes of the process', async () => {
    const allowance = new Allowance();
    allowance.limitBytes = MIB - 1;
    const decoder = bodyDecoder(allowance);
    expect(await decoder.decode('br', [encoded], MIB)).toBe('overload');
    expect(await decoder.decode('br', [encoded], MIB / 2)).toHaveLength(1);
    expect(await decoder.decode('br', [encoded.subarray(1)], MIB / 2)).toBe('encoding');
    expect(allowance.usedBytes).toBe(0);
  });

  it('what is small is there at once', () => {
    expect(bodyDecoder(new Allowance()).decode('gzip', [gzipSync(small)], MIB)).not.toBeInstanceOf(Promise);
  });
});
