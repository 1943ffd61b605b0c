package main

import (
	"net/url"
	"os"
	"strings"
)

// readDatabase reads where everything is stored, and which password that tells. Neither is shown in a fault.
func readDatabase(e environment, faults *environmentFaults) (address, password string) {
	variable, address := "CATCHWORD_DATABASE", e.Database
	if e.DatabaseFile != "" {
		if strings.TrimSpace(os.Getenv(variable)) != "" {
			faults.add(variable, "is set, and so is %s_FILE: leave one out", variable)
			return address, ""
		}
		variable += "_FILE"
		var err error
		if address, err = readSecretFile(e.DatabaseFile); err != nil {
			faults.add(variable, "can't be read: %s; name a file that holds the address of a database", quoteError(err))
			return address, ""
		}
	}
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok && path != "" {
		return address, ""
	}
	if u, err := url.Parse(address); err == nil && u.Host != "" && (u.Scheme == "postgres" || u.Scheme == "postgresql") {
		password, _ = u.User.Password()
		if password == "" {
			password = u.Query().Get("password")
		}
		return address, password
	}
	faults.add(variable, "is no address of a database: write sqlite: and the path of a file, as in sqlite:data/catchword.db, "+
		"or postgres://USER:PASSWORD@HOST/DATABASE, with %%40 for an @ in the password and the like")
	return address, ""
}
