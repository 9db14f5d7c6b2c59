/** The thread that judges large bodies: its own copy of the engine, and of the contracts that it is asked about. */
import { serveChecks } from '../adapters/check-pool/serve.ts';
import { contractAgain } from './contract-again.ts';

serveChecks(contractAgain);
