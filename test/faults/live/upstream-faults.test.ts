/** What becomes of an exchange whose upstream fails, in each configuration: docs/reliability.md is made of the same data. */
import { suite } from './suite.ts';
import { UPSTREAM_FAULTS } from './catalogue.ts';

suite(UPSTREAM_FAULTS);
