package destinations

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"
)

// ErrPrivate marks an address that may not be reached without leave.
var ErrPrivate = errors.New("a private address: say `allow_private: true` on the destination if it is meant")

// nearRanges are addresses that netip does not count as private, and that no
// tool on the internet has: shared, reserved, and the translations of them.
var nearRanges = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b:1::/48"),
}

// private tells whether an address is not on the public internet: loopback,
// private and link-local networks (cloud metadata is one), unique local ones.
func private(a netip.Addr) bool {
	a = a.Unmap()
	if nat64 := netip.MustParsePrefix("64:ff9b::/96"); nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsUnspecified() || a.IsMulticast() || a.IsInterfaceLocalMulticast() {
		return true
	}
	for _, p := range nearRanges {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Near says what dialling would refuse, as far as a host tells it by itself: an
// address in digits that is private, or localhost.
func Near(host string) error {
	a, err := netip.ParseAddr(host)
	if err == nil && private(a) || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return fmt.Errorf("%s is %w", host, ErrPrivate)
	}
	return nil
}

// gate opens connections. It looks at the address that a name stands for at the
// moment of connecting, so a name that changes its address later does not pass.
type gate struct {
	allow   bool
	direct  bool     // no proxy: the sandbox is near
	proxies sync.Map // host:port of proxies from the environment, which may be private
}

func (g *gate) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	if _, proxy := g.proxies.Load(address); !proxy && !g.allow {
		d.ControlContext = func(_ context.Context, _, resolved string, _ syscall.RawConn) error {
			a, err := netip.ParseAddrPort(resolved)
			if err != nil || private(a.Addr()) {
				return ErrPrivate
			}
			return nil
		}
	}
	return d.DialContext(ctx, network, address)
}

// proxy is the proxy that the environment names for a request. What goes
// through it is resolved by it, so only addresses written in digits are looked at.
func (g *gate) proxy(req *http.Request) (*url.URL, error) {
	if g.direct {
		return nil, nil
	}
	u, err := http.ProxyFromEnvironment(req)
	if err != nil || u == nil {
		return u, err
	}
	if a, err := netip.ParseAddr(req.URL.Hostname()); err == nil && private(a) && !g.allow {
		return nil, ErrPrivate
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	g.proxies.Store(net.JoinHostPort(u.Hostname(), port), true)
	return u, nil
}

// newTransport is one pool of connections for one account.
func newTransport(g *gate) http.RoundTripper {
	return &http.Transport{
		Proxy:               g.proxy,
		DialContext:         g.dial,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        128,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second,
		WriteBufferSize:     64 << 10,
		ReadBufferSize:      16 << 10,
	}
}

// connectError says why no connection could be made, in words that hold no
// more of the address than its host.
func connectError(host string, err error) error {
	var dns *net.DNSError
	var op *net.OpError
	var no syscall.Errno
	switch {
	case errors.Is(err, ErrPrivate):
		return &haltError{fmt.Errorf("%s is %w", host, ErrPrivate)}
	case errors.As(err, &dns) && dns.IsNotFound:
		return &DownError{Code: "dns", Err: fmt.Errorf("could not connect to %s: no such host (check the address and the network)", host)}
	case isTLS(err):
		return &DownError{Code: "tls", Err: fmt.Errorf("could not connect to %s: its certificate was not accepted (%s)", host, Redact(tlsText(err)))}
	case errors.As(err, &no):
		return &DownError{Code: "connect", Err: fmt.Errorf("could not connect to %s: %w", host, no)}
	case errors.As(err, &op) && op.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return &DownError{Code: "connect", Err: fmt.Errorf("could not connect to %s: no answer in time", host)}
	default:
		return &DownError{Code: "connect", Err: fmt.Errorf("could not connect to %s: %s", host, Redact(innermost(err)))}
	}
}
