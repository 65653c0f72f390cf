// The tests that need a real kernel: a process a file, one at a time, with patience for an emulated machine. Those in
// random/ take many minutes, and run only when they are named: npm run test:random.
const random = process.argv.some((word) => word.includes('/random/'));

export default {
  files: ['build/test/kernel/**/*.test.js', ...(random ? [] : ['!build/test/kernel/random/**'])],
  concurrency: 1,
  serial: true,
  timeout: '10m',
  workerThreads: false,
};
