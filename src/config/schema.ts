import { type Infer, defaulted, object, optional, required } from '../core/schema.ts';
import { identitySchema } from '../policies/identity/config.ts';
import { consumersSchema } from './sections/consumers.ts';
import { contractsSchema } from './sections/contracts.ts';
import { listenersSchema } from './sections/listeners.ts';
import {
  adminSchema,
  drainSchema,
  errorsSchema,
  hygieneSchema,
  probesSchema,
  reloadSchema,
  serviceSchema,
  stateSchema,
  trustSchema,
} from './sections/process.ts';
import { policiesSchema, routesSchema } from './sections/routes.ts';
import { storeSchema } from './sections/store.ts';
import { telemetrySchema } from './sections/telemetry.ts';

/** The whole file, in the order of the reference page. */
export const configurationSchema = object({
  listeners: required(listenersSchema, 'Ports that take requests, by name.'),
  routes: required(routesSchema, 'Where requests go, and what is held against them.'),
  contracts: defaulted(contractsSchema, {}, 'API contracts, by name. The name is the label `api` in metrics.'),
  policies: defaulted(policiesSchema, {}, 'Policies of every route. A route replaces them by naming the same policy.'),
  service: defaulted(serviceSchema, {}, 'The service that the gateway stands beside.'),
  admin: defaulted(adminSchema, {}, 'Health, metrics and API.'),
  probes: optional(probesSchema, 'A port of its own for health and metrics alone. Off unless named.'),
  drain: defaulted(drainSchema, {}, 'What happens at SIGTERM.'),
  reload: defaulted(reloadSchema, {}, 'Taking changed files without a restart.'),
  trust: defaulted(trustSchema, {}, 'Who is believed.'),
  hygiene: defaulted(hygieneSchema, {}, 'What becomes of requests that can be read in more than one way.'),
  errors: defaulted(errorsSchema, {}, 'Answers that the gateway gives itself.'),
  identity: defaulted(identitySchema, {}, 'Who calls.'),
  telemetry: defaulted(telemetrySchema, {}, 'What is recorded.'),
  store: defaulted(storeSchema, {}, 'Where what rate limits count and what is known of idempotency keys is kept.'),
  state: optional(
    stateSchema,
    'What survives the process, also a crash: the ledger of unknown outcomes. Without it that is kept in memory.',
  ),
  consumers: defaulted(consumersSchema, {}, 'Who the consumers are, by the name that `identity` finds.'),
});

export type Configuration = Infer<typeof configurationSchema>;
