// The tests with real Docker: a process per file, in sequence, with time limits for an emulated machine.
export default {
  files: ['build/test/docker/*.test.js'],
  concurrency: 1,
  serial: true,
  timeout: '25m',
  workerThreads: false,
};
