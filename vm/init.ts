/**
 * The guest's second program, run by this machine's sh on its root: completes the system, runs the command, and reports
 * its status. Standard output and error are pipes, so that \`/dev/stderr\` can be opened. The trailer after the command's
 * last byte passes through the same pipes and proves that the output is complete.
 */
export const guestInit = `#!/bin/sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
. /run/dmts/job/settings.sh
fail() { echo "dmts-init: $*" >/dev/console; echo o >/proc/sysrq-trigger; sleep 60; }
mkdir -p /dev/pts /dev/shm /dev/mapper /run/lock
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
# A plain tmpfs, because loop devices on the overlay fail under Linux 6.1. Entries of /tmp that the job names are kept.
mkdir /run/dmts/tmp
mount --bind /tmp /run/dmts/tmp
mount -t tmpfs -o mode=1777,size=75% tmpfs /tmp
keep() {
  [ -e "/run/dmts/tmp/$1" ] || return 0
  if [ -d "/run/dmts/tmp/$1" ]; then mkdir "/tmp/$1"; else : >"/tmp/$1"; fi
  mount --bind "/run/dmts/tmp/$1" "/tmp/$1"
}
keep_tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
for entry in debugfs:debug tracefs:tracing; do
  grep -qw "\${entry%:*}" /proc/filesystems && mount -t "\${entry%:*}" "\${entry%:*}" "/sys/kernel/\${entry#*:}"
done
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
hostname dmts-guest
# Opening this node loads dm-mod, as on a machine with kmod's static nodes.
[ -e /dev/mapper/control ] || mknod -m 600 /dev/mapper/control c 10 236
# Linux 6.1 cannot load dm-persistent-data without crc32c_generic; newer kernels have it built in.
modprobe -aq crc32c_generic loop $modules

virtio_port() {
  for try in 1 2 3 4 5 6 7 8 9 10; do
    for entry in /sys/class/virtio-ports/*; do
      if [ "$(cat "$entry/name" 2>/dev/null)" = "$1" ]; then
        echo "/dev/\${entry##*/}"
        return
      fi
    done
    sleep 0.2
  done
  fail "no virtio port $1"
}
port() {
  [ "$machine" = qemu ] && { virtio_port "$1"; return; }
  case $1 in stdout) line=/dev/ttyS0 ;; stderr) line=/dev/ttyS1 ;; control) line=/dev/ttyS2 ;; esac
  stty -F "$line" raw -echo || fail "cannot set up $line"
  echo "$line"
}
control=$(port control)
mkfifo /run/dmts/stdout /run/dmts/stderr
exec 3<>/run/dmts/stdout 4<>/run/dmts/stderr 5>"$control"
# Each user opens the pipes separately: node makes its end non-blocking, which must not affect cat or the trailer.
cat </run/dmts/stdout >"$(port stdout)" 3>&- 4>&- 5>&- &
cat </run/dmts/stderr >"$(port stderr)" 3>&- 4>&- 5>&- &

if [ "$udev" = 1 ]; then
  /lib/systemd/systemd-udevd --daemon 3>&- 4>&- 5>&- || fail "cannot start udevd"
  udevadm trigger --action=add 3>&- 4>&- 5>&-
  udevadm settle --timeout=120 3>&- 4>&- 5>&- || fail "udevd does not settle"
fi

echo started >&5
setsid /bin/sh /run/dmts/job/command.sh </dev/null >/run/dmts/stdout 2>/run/dmts/stderr 3>&- 4>&- 5>&-
status=$?
printf '\\000%s\\001' "$trailer" >&3
printf '\\000%s\\001' "$trailer" >&4
echo "exit $status" >&5
# The host ends the machine after it has received everything.
sleep 600
echo o >/proc/sysrq-trigger
`;
