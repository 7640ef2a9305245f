//go:build unix

package sandbox

import (
	"os"
	"syscall"
)

// tryLock takes the lock of a file, for as long as it is open, or says that
// another process has it.
func tryLock(f *os.File) bool {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
