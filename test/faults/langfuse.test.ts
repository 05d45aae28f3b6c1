import { LANGFUSE_FAULTS } from './langfuse-faults.ts';
import { testFaults } from './play.ts';

testFaults('what Langfuse does', LANGFUSE_FAULTS);
