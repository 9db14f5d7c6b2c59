import { type MessagePort, parentPort } from 'node:worker_threads';
import type { FileReading } from '../../core/document-reading.ts';
import type { FromThread, ToThread } from './messages.ts';
import { type Part, partsOf } from './parts.ts';

/** The thread's side of the reader. */
export function serveReading(reading: FileReading, port: Pick<MessagePort, 'on' | 'postMessage'> | null = parentPort): void {
  let parts: Iterator<Part> | undefined;
  const answer = (message: ToThread): FromThread => {
    if (message.do === 'place') return { is: 'placed', positions: reading.place(message.bytes, message.wanted) };
    if (message.do === 'more') return { is: 'part', part: parts?.next().value as Part | undefined };
    const { value, ...content } = reading.read(message.uri, message.bytes);
    parts = partsOf(value);
    return { is: 'read', content, hasValue: value !== undefined };
  };
  port?.on('message', (message: ToThread) => {
    try {
      port.postMessage(answer(message));
    } catch (error) {
      // What is nested too deeply cannot be cloned.
      port.postMessage({ is: 'failed', why: error instanceof RangeError ? 'it is nested too deeply' : String(error) } satisfies FromThread);
    }
  });
}
