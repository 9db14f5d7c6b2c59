/** Where the bundle starts: beside it stands the code that V8 has compiled before, when the bundle was made. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Says by its status that it could not; then everything is compiled once more, and nothing else is different.
enableCompileCache({ directory: join(import.meta.dirname, 'cache'), portable: true });
await import('./main.ts');
