// Other processors, whose programs qemu-user runs here.

/** A processor, and its expected test results. */
export interface EmulatedArchitecture {
  /** `process.arch`. */
  readonly arch: string;
  /** Debian's name. */
  readonly debian: string;
  /** QEMU's name. */
  readonly qemu: string;
  /** Whether the unit tests of src/ioctl pass there, or every system call is rejected. */
  readonly claim: 'supported' | 'refused';
  /** The source of Node, if not Debian's packages for the processor. */
  readonly npm?: {
    /** The package of Node, with its version. */
    readonly node: string;
    /** Debian's packages of the libraries, for cross-compiled programs. */
    readonly libraries: readonly string[];
    /** The directory in them that is the root of that processor. */
    readonly root: string;
  };
}

export const ARCHITECTURES: readonly EmulatedArchitecture[] = [
  { arch: 'arm64', debian: 'arm64', qemu: 'aarch64', claim: 'supported' },
  { arch: 'riscv64', debian: 'riscv64', qemu: 'riscv64', claim: 'refused' },
  { arch: 'arm', debian: 'armhf', qemu: 'arm', claim: 'refused' },
  { arch: 'ia32', debian: 'i386', qemu: 'i386', claim: 'refused' },
  {
    arch: 'ppc64',
    debian: 'ppc64el',
    qemu: 'ppc64le',
    claim: 'refused',
    // Not every Debian mirror has packages for it.
    npm: {
      node: 'node-linux-ppc64le@20.11.0',
      libraries: ['libc6-ppc64el-cross', 'libgcc-s1-ppc64el-cross', 'libstdc++6-ppc64el-cross'],
      root: 'usr/powerpc64le-linux-gnu',
    },
  },
];

/** The release whose Node is used for every processor: 20.19, the oldest supported. */
export const SUITE = 'trixie';

/** Node, and the libraries and files that it needs to start. */
export const PACKAGES: readonly string[] = [
  'nodejs',
  'libatomic1',
  'libbrotli1',
  'libc6',
  'libcares2',
  'libgcc-s1',
  'libicu76',
  'libnghttp2-14',
  'libnode115',
  'libssl3t64',
  'libstdc++6',
  'libuv1t64',
  'libzstd1',
  'node-acorn',
  'node-cjs-module-lexer',
  'node-minimatch',
  'node-undici',
  'zlib1g',
];
