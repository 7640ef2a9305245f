package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"unsafe"
)

// offline lets a command run where there is no network but this machine's own
// loopback, and tells whether that could be done.
func offline(cmd *exec.Cmd) bool {
	attr := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}}
	try := exec.Command(os.Args[0])
	try.SysProcAttr, try.Env = attr, []string{"WEIR_TEST_OFFLINE=true"}
	if try.Run() != nil {
		return false
	}
	cmd.SysProcAttr = attr
	cmd.Env = append(cmd.Env, "WEIR_TEST_OFFLINE="+cmd.Path)
	cmd.Path = os.Args[0]
	return true
}

// goOffline, in a network of its own, brings the loopback up and becomes the
// program that was meant.
func goOffline(path string) {
	if err := loopbackUp(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if path == "true" {
		os.Exit(0)
	}
	_ = os.Unsetenv("WEIR_TEST_OFFLINE")
	fmt.Fprintln(os.Stderr, syscall.Exec(path, append([]string{path}, os.Args[1:]...), os.Environ()))
	os.Exit(1)
}

// loopbackUp is what `ip link set lo up` does.
func loopbackUp() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer func() { _ = syscall.Close(fd) }()
	req := struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	copy(req.name[:], "lo")
	if _, _, no := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&req))); no != 0 {
		return no
	}
	return nil
}
