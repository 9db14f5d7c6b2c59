/** The thread that reads large contract documents while requests go on. */
import { serveReading } from '../adapters/document-reader/serve.ts';
import { readingOf } from '../contracts/registry.ts';

serveReading(readingOf('openapi'));
