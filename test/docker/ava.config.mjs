// The tests that need real Docker: a process a file, one at a time, with patience for an emulated machine.
export default {
  files: ['build/test/docker/*.test.js'],
  concurrency: 1,
  serial: true,
  timeout: '25m',
  workerThreads: false,
};
