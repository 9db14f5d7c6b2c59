/** What becomes of an exchange whose client fails, in each configuration: docs/reliability.md is made of the same data. */
import { suite } from './suite.ts';
import { CLIENT_FAULTS } from './catalogue.ts';

suite(CLIENT_FAULTS);
