package main

import (
	"net/url"
	"os"
	"strings"
)

// readDatabase reads the address of the database and the password in it. Faults show neither.
func readDatabase(e environment, faults *environmentFaults) (address, password string) {
	variable, address := "CATCHWORD_DATABASE", e.Database
	if e.DatabaseFile != "" {
		if strings.TrimSpace(os.Getenv(variable)) != "" {
			faults.add(variable, "is set, and so is %s_FILE: remove one", variable)
			return address, ""
		}
		variable += "_FILE"
		var err error
		if address, err = readSecretFile(e.DatabaseFile); err != nil {
			faults.add(variable, "can't be read: %s; set it to a file that contains the address of a database", quoteError(err))
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
	faults.add(variable, "is not the address of a database: use sqlite: and a file, such as sqlite:data/catchword.db, "+
		"or postgres://USER:PASSWORD@HOST/DATABASE; percent-encode special characters in the password (@ as %%40)")
	return address, ""
}
