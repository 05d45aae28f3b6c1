import { isLong, testFaults } from './play.ts';
import { kills, PROCESS_FAULTS } from './process-faults.ts';

const ROUNDS = isLong ? 50 : 3;

testFaults('what happens to process, disk and clock', [
  ...PROCESS_FAULTS,
  kills('batch', ROUNDS),
  kills('span', ROUNDS),
]);
