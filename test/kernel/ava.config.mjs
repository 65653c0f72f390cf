// The tests that need a real kernel: a process a file, one at a time, with patience for an emulated machine.
export default {
  files: ['build/test/kernel/**/*.test.js'],
  concurrency: 1,
  serial: true,
  timeout: '10m',
  workerThreads: false,
};
